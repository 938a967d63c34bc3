// Small pieces that every part of the page uses.

export const byId = (id) => document.getElementById(id);

/**
 * An element. Attributes that are no text and no number are left out; functions are listeners;
 * true is an attribute without a value.
 * @param {string} tag
 * @param {Record<string, unknown>} attributes
 * @param {(Node | string | null)[]} children
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (typeof value === 'string' || typeof value === 'number') {
      element.setAttribute(name, String(value));
    }
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Sets text only when it differs: nothing flickers, and nothing is read aloud twice. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Tells a screen reader, politely. */
export const announce = (text) => say(byId('announcer'), text);

export const button = (text, onClick, more = {}) =>
  el('button', { type: 'button', class: 'small', click: onClick, ...more }, text);

/** What scrolls on a small screen, reachable by keyboard. */
export const scroller = (label, child) =>
  el('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': label }, child);

/** A labelled field. */
export function field(label, input, hint = null) {
  const id = input.id || `f-${Math.random().toString(36).slice(2)}`;
  input.id = id;
  const note = hint === null ? null : el('small', { id: `${id}-hint` }, hint);
  if (note !== null) input.setAttribute('aria-describedby', note.id);
  return el('div', { class: 'field' }, el('label', { for: id }, label), input, note);
}

export const options = (pairs, chosen) =>
  pairs.map(([value, text]) => el('option', { value, selected: value === chosen }, text));

/** A length of time: "42 s", "3 min". */
export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

let zone = 'UTC';
const formats = new Map();
function format(key, more) {
  const name = `${zone}/${key}`;
  if (!formats.has(name)) {
    formats.set(name, new Intl.DateTimeFormat('en-IE', { timeZone: zone, hour12: false, ...more }));
  }
  return formats.get(name);
}

/** All times of the page are the theatre's. */
export const setZone = (name) => {
  zone = name;
};
export const zoneName = () => zone;

const hm = { hour: '2-digit', minute: '2-digit' };
export const timeOf = (ms) => format('hm', hm).format(ms);
export const timeWithSeconds = (ms) => format('hms', { ...hm, second: '2-digit' }).format(ms);
export const dayAndTime = (ms) =>
  format('dhm', { ...hm, weekday: 'short', day: 'numeric', month: 'short' }).format(ms);

/** "2026-11-21T18:00", as the theatre's clocks say it. */
export function localOf(ms) {
  const more = { ...hm, year: 'numeric', month: '2-digit', day: '2-digit', hourCycle: 'h23' };
  const parts = format('local', more).formatToParts(ms);
  const of = (type) => parts.find((part) => part.type === type)?.value ?? '00';
  return `${of('year')}-${of('month')}-${of('day')}T${of('hour')}:${of('minute')}`;
}
