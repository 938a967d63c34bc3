import { clockTime, flagWords, make, millis, nodeWords, reasonWords, say, signs } from './words.js';

const mostLines = 60;
const list = document.getElementById('lines');

/** Adds a verdict on top. The list says nothing aloud: it is read when someone goes there. */
export function addLine(line) {
  const title = line.colour === 'ignored' ? 'Not a ticket' : reasonWords(line.reason);
  const where = [nodeWords(line.gate)];
  if (line.seat !== undefined) where.push(`seat ${line.seat}`);
  if (line.showNo !== undefined) where.push(`show ${line.showNo}`);
  if (line.flags.length > 0) where.push(line.flags.map(flagWords).join(', '));
  list.prepend(
    make(
      'li',
      { class: 'line' },
      make(
        'span',
        { class: 'badge', 'data-colour': line.colour, 'aria-hidden': 'true' },
        signs[line.colour],
      ),
      make(
        'div',
        { class: 'line-words' },
        make('b', {}, title),
        make('span', {}, where.join(' · ')),
        make('span', {}, line.message),
      ),
      make(
        'div',
        { class: 'line-side' },
        make('span', {}, clockTime(line.atMs)),
        make('span', {}, line.scanMs === null ? '' : millis(line.scanMs)),
      ),
    ),
  );
  while (list.children.length > mostLines) list.lastElementChild.remove();
}

const chart = document.getElementById('pulse-chart');
const width = 360;
const height = 72;

function smooth(values) {
  return values.map((_, index) => {
    const near = values.slice(Math.max(0, index - 2), index + 3);
    return near.reduce((sum, value) => sum + value, 0) / near.length;
  });
}

function path(values, top) {
  const step = width / (values.length - 1);
  return values
    .map((value, index) => {
      const y = height - (value / top) * (height - 4);
      return `${index === 0 ? 'M' : 'L'}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}

function shape(className) {
  const found = chart.querySelector(`.${className}`);
  if (found !== null) return found;
  const made = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  made.setAttribute('class', className);
  chart.append(made);
  return made;
}

/** Draws the scans of the last seconds. */
export function showPulse(series) {
  const greens = smooth(series.map((second) => second.greens));
  const others = smooth(series.map((second) => second.others));
  const top = Math.max(2, ...greens, ...others);
  shape('pulse-green').setAttribute('d', `${path(greens, top)}L${width} ${height}L0 ${height}Z`);
  shape('pulse-other').setAttribute('d', path(others, top));
  const recent = series.slice(-5);
  const scans = recent.reduce((sum, second) => sum + second.greens + second.others, 0);
  say(document.getElementById('pulse-now'), (scans / Math.max(1, recent.length)).toFixed(1));
}
