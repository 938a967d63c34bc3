// Looks at what is uppermost on a page of a screen; plain JavaScript, handed to Chromium as text.

const helpers = `
const root = foyer.probe.stage().uppermost;
const seen = (element) => element.getClientRects().length > 0 && element.checkVisibility();
const ownText = (element) =>
  [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
const texts = [...root.querySelectorAll('*')].filter((each) => ownText(each) && seen(each));
const name = (element) => element.className + ': ' + element.textContent.slice(0, 40);
`;

/** Texts that leave the screen, are cut off, or lie over one another; names of them. */
export const badlyPlaced = `(() => { ${helpers}
  const bad = [];
  const boxes = [];
  for (const each of texts) {
    const range = document.createRange();
    range.selectNodeContents(each);
    const box = range.getBoundingClientRect();
    const { textOverflow, webkitLineClamp } = getComputedStyle(each);
    const ends = textOverflow === 'ellipsis' || webkitLineClamp !== 'none';
    const out = !ends && (box.left < -1 || box.top < -1 || box.right > innerWidth + 1 ||
      box.bottom > innerHeight + 1);
    if (out) bad.push('outside ' + name(each));
    const cut = each.scrollWidth > each.clientWidth + 2 ||
      each.scrollHeight > each.clientHeight + 3;
    const clips = getComputedStyle(each).overflow !== 'visible';
    if (clips && cut && !ends) bad.push('cut off ' + name(each));
    const shown = each.getBoundingClientRect();
    boxes.push({ each,
      left: Math.max(box.left, shown.left), right: Math.min(box.right, shown.right),
      top: Math.max(box.top, shown.top), bottom: Math.min(box.bottom, shown.bottom) });
  }
  for (const [index, one] of boxes.entries()) {
    for (const other of boxes.slice(index + 1)) {
      const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      const least = Math.min(one.bottom - one.top, other.bottom - other.top);
      if (wide > 2 && high > least * 0.3 && !one.each.contains(other.each))
        bad.push('overlap ' + name(one.each) + ' / ' + name(other.each));
    }
  }
  const scroll = document.documentElement;
  if (scroll.scrollHeight > innerHeight || scroll.scrollWidth > innerWidth) bad.push('scrolls');
  return bad;
})()`;

/** Texts that stand out from their ground by less than WCAG 2.2 AA asks of them. */
export const badlyReadable = `(() => { ${helpers}
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (colour, under) => {
    canvas.fillStyle = under;
    canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (!/, 0\\)$|transparent/.test(backgroundColor)) return backgroundColor;
    }
    return '#000';
  };
  return texts.flatMap((each) => {
    const style = getComputedStyle(each);
    const ground = groundOf(each);
    const pair = [luminance(rgb(ground, '#000')), luminance(rgb(style.color, ground))];
    const [dark, light] = pair.sort((a, b) => a - b);
    const ratio = (light + 0.05) / (dark + 0.05);
    const px = parseFloat(style.fontSize);
    const needed = px >= 24 || (px >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    return ratio < needed ? [name(each) + ' ' + ratio.toFixed(2)] : [];
  });
})()`;

/** The smallest text on the screen, as a share of its shorter side. */
export const smallestText = `(() => { ${helpers}
  const sizes = texts.map((each) => parseFloat(getComputedStyle(each).fontSize));
  return Math.min(...sizes) / Math.min(innerWidth, innerHeight);
})()`;
