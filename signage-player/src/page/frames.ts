const longestMs = 250;

/** Calls back when what was changed now is painted; also where no frames are made. */
export function afterFrames(act: () => void): void {
  let done = false;
  const once = (): void => {
    if (done) return;
    done = true;
    clearTimeout(timer);
    act();
  };
  const timer = setTimeout(once, longestMs);
  requestAnimationFrame(() => requestAnimationFrame(once));
}
