const timeoutMs = 3000;

/**
 * A board as a picture: its own elements and style sheets in an SVG, laid out and painted once more
 * by the engine that paints the screen. Only what is in the SVG itself is drawn, so that the
 * picture may be read back. null where the engine does not do it.
 */
export async function drawElement(
  element: HTMLElement,
  css: string,
): Promise<HTMLImageElement | null> {
  const { clientWidth: widthPx, clientHeight: heightPx } = element;
  if (widthPx === 0 || heightPx === 0) return null;
  const copy = element.cloneNode(true) as HTMLElement;
  for (const media of copy.querySelectorAll('img, video, iframe')) media.remove();
  copy.style.visibility = 'visible';
  const colours = element.closest<HTMLElement>('.stage')?.style.cssText ?? '';
  const host = document.createElement('div');
  host.setAttribute('xmlns', 'http://www.w3.org/1999/xhtml');
  host.style.cssText = `${colours};width:${widthPx}px;height:${heightPx}px`;
  host.className = 'stage sampled';
  const style = document.createElement('style');
  style.textContent = css;
  host.append(style, copy);
  const inner = new XMLSerializer().serializeToString(host);
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}">` +
    `<foreignObject width="100%" height="100%">${inner}</foreignObject></svg>`;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  const late = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error('too slow')), timeoutMs),
  );
  try {
    await Promise.race([image.decode(), late]);
    return image;
  } catch {
    return null;
  }
}
