// Words and small pieces that every part of the page uses.

/** What a colour is besides its hue: a sign and a word. */
export const signs = { green: '✓', amber: '!', red: '✕', ignored: '·' };

const reasons = {
  admitted: 'Admitted',
  'admitted-degraded': 'Admitted',
  'check-age': 'Check age',
  valid: 'Valid',
  'wrong-auditorium': 'Other gate',
  'wrong-theatre': 'Other theatre',
  'too-early': 'Too early',
  'too-late': 'Too late',
  'already-admitted': 'Already admitted',
  'claimed-elsewhere': 'Claimed elsewhere',
  'strict-offline': 'See a supervisor',
  cancelled: 'Cancelled',
  refunded: 'Refunded',
  unpaid: 'Unpaid',
  blocked: 'Blocked',
  revoked: 'Key revoked',
  forged: 'Forged',
  'expired-code': 'Code expired',
  'unknown-show': 'Unknown show',
  'not-a-ticket': 'Not a ticket',
  'stale-data': 'Old data',
  'disk-full': 'Disk full',
};

/** A reason as a person says it. */
export const reasonWords = (reason) => reasons[reason] ?? reason;

const flags = {
  'stale-data': 'old data',
  'unknown-ticket': 'not in its feed yet',
  'clock-unagreed': 'clock not agreed',
};

/** A flag as a person says it. */
export const flagWords = (flag) => flags[flag] ?? flag;

/** A gate's or a station's name for people: `gate-2` is "Gate 2". */
export const nodeWords = (node) =>
  node === 'theatre'
    ? 'Theatre server'
    : node
        .replace(/^gate-/, 'Gate ')
        .replace(/^screen-/, 'Box ')
        .replace(/^player-/, 'Player ');

/** 1234 as "1,234". */
export const count = (value) => value.toLocaleString('en');

/** Milliseconds with the precision that is worth showing. */
export const millis = (value) =>
  value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;

/** A length of time: "42 s", "3 min 12 s", "2 h 5 min". */
export function span(totalMs) {
  const seconds = Math.floor(totalMs / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A time of day, to the second. */
export const clockTime = (atMs) => new Date(atMs).toLocaleTimeString('en-IE', { hour12: false });

/**
 * An element. `attributes` with a value of undefined or false are left out.
 * @param {string} tag
 * @param {Record<string, string | number | boolean | undefined>} attributes
 * @param {(Node | string)[]} children
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, `${value}`);
  }
  element.append(...children);
  return element;
}

/** Sets text only when it differs, so that nothing flickers and no selection is lost. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets or removes a data attribute only when it differs. */
export function tag(element, name, value) {
  const text = value === undefined || value === null ? undefined : String(value);
  if (element.dataset[name] === text) return;
  if (text === undefined) delete element.dataset[name];
  else element.dataset[name] = text;
}
