// What runs inside the pages that are measured; plain JavaScript, handed to Chromium as text.

/** Notes every frame that the film on the screen presents, and every swap of layers. */
export const watchScreen = `(() => {
  const seen = { changesMs: [], jointsMs: [] };
  const stage = foyer.probe.stage();
  const follow = (layer) => {
    const video = layer.video;
    const onFrame = (now, frame) => {
      if (stage.front === layer && layer.content?.kind === 'video')
        seen.changesMs.push(frame.expectedDisplayTime);
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  };
  follow(stage.front);
  follow(stage.hidden);
  let front = stage.front;
  let wasFilm = front.content?.kind === 'video';
  const look = (now) => {
    if (stage.front !== front) {
      front = stage.front;
      const isFilm = front?.content?.kind === 'video';
      if (isFilm && wasFilm) seen.jointsMs.push(now);
      wasFilm = isFilm;
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  globalThis.watched = seen;
})()`;

/** A page with one film that loops, as bare as it can be. */
export const barePage = `<!doctype html><style>html,body{margin:0;background:#000}
video{width:100vw;height:100vh;object-fit:cover;display:block}</style>
<video muted autoplay loop playsinline preload=auto></video>`;

/** The same for the bare page: its joint is where the film begins anew. */
export const watchBare = `(() => {
  const seen = { changesMs: [], jointsMs: [] };
  const video = document.querySelector('video');
  let last = -1;
  const onFrame = (now, frame) => {
    if (frame.mediaTime < last) seen.jointsMs.push(frame.expectedDisplayTime);
    last = frame.mediaTime;
    seen.changesMs.push(frame.expectedDisplayTime);
    video.requestVideoFrameCallback(onFrame);
  };
  video.requestVideoFrameCallback(onFrame);
  globalThis.watched = seen;
})()`;

/** Notes when a text is on the glass: two frames after it stands in the document. */
export const watchText = `(() => {
  const seen = new Map();
  let last = '';
  const look = () => {
    const text = document.querySelector('.layer[style*="z-index: 3"] .gate-count')?.textContent;
    if (text !== undefined && text !== last) {
      last = text;
      const known = text;
      requestAnimationFrame(() =>
        requestAnimationFrame(() => seen.set(known, performance.timeOrigin + performance.now())));
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  globalThis.seenTexts = seen;
})()`;
