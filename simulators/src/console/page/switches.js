import { make, say } from './words.js';

const all = new Map();
let onFailure = () => {};

/** Who is told when a switch could not be turned. */
export function whenSwitchFails(listener) {
  onFailure = listener;
}

async function turn(name, broken) {
  const button = all.get(name);
  button.setAttribute('aria-busy', 'true');
  try {
    const response = await fetch(`/switches/${encodeURIComponent(name)}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ broken }),
    });
    if (!response.ok) {
      const problem = await response.json();
      throw new Error(`${problem.message} ${problem.whatToDo}`);
    }
    show(name, broken);
  } catch (error) {
    onFailure(error.message);
  } finally {
    button.removeAttribute('aria-busy');
  }
}

function show(name, broken) {
  const button = all.get(name);
  button.setAttribute('aria-checked', String(!broken));
  say(button.querySelector('.switch-word'), broken ? button.dataset.off : button.dataset.on);
}

/**
 * A switch for one thing that can be broken: on while it is sound.
 * @param {string} name of the fault
 * @param {{ label: string, on: string, off: string }} words
 */
export function makeSwitch(name, { label, on, off }) {
  const button = make(
    'button',
    {
      type: 'button',
      class: 'switch',
      role: 'switch',
      'aria-checked': 'true',
      'aria-label': label,
    },
    make('span', { class: 'switch-track', 'aria-hidden': 'true' }),
    make('span', { class: 'switch-word', 'aria-hidden': 'true' }, on),
  );
  button.dataset.on = on;
  button.dataset.off = off;
  button.addEventListener('click', () => {
    if (button.getAttribute('aria-busy') === 'true') return;
    void turn(name, button.getAttribute('aria-checked') === 'true');
  });
  all.set(name, button);
  return button;
}

/** Shows every switch as the theatre says it is. */
export function showSwitches(broken) {
  for (const [name, button] of all) {
    if (button.getAttribute('aria-busy') !== 'true') show(name, broken.includes(name));
  }
}
