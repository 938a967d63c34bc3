import { announce, button, byId, el } from './dom.js';
import { change } from './api.js';

const titles = {
  evacuate: 'Leave the building',
  shelter: 'Stay inside',
  message: 'Message',
};

/** The banner of emergencies that are on, with what each screen says of it. */
export function alarmsView(context) {
  const place = byId('alarms');
  let before = '';
  return {
    update({ emergencies, screens }) {
      const text = JSON.stringify([emergencies, screens.map((screen) => screen.screenId)]);
      if (text === before) return;
      before = text;
      place.replaceChildren(...emergencies.map((one) => alarm(one, screens, context)));
    },
  };
}

function alarm(emergency, screens, context) {
  const { kind, text, by, shownBy, screens: some } = emergency;
  const wanted = screens.filter(({ screenId }) => some.length === 0 || some.includes(screenId));
  const shown = new Map(shownBy.map((one) => [one.screenId, one.atMs]));
  const count = wanted.filter(({ screenId }) => shown.has(screenId)).length;
  const end = button('End it', () => context.endEmergency(emergency), { class: 'danger' });
  return el(
    'div',
    { class: 'alarm' },
    el(
      'div',
      { class: 'alarm-head' },
      el('h2', {}, `${titles[kind]}${text === '' ? '' : `: ${text}`}`),
      context.may('operator') ? end : null,
    ),
    el('p', {}, `Raised by ${by}. ${count} of ${wanted.length} screens show it.`),
    el(
      'ul',
      { class: 'acks', 'aria-label': 'Screens' },
      ...wanted.map(({ screenId, name }) =>
        el(
          'li',
          { class: 'ack', 'data-shown': String(shown.has(screenId)) },
          shown.has(screenId) ? `✓ ${name}` : `… ${name}`,
        ),
      ),
    ),
  );
}

/** The form that raises one. `screensNow` answers the screens that there are. */
export function emergencyForm(screensNow, onRaised) {
  const dialog = byId('emergency');
  const all = byId('emergency-all');
  const list = byId('emergency-screens');
  const go = byId('emergency-go');
  const chosen = () => [...list.querySelectorAll('input:checked')].map((input) => input.value);
  const settle = () => {
    list.hidden = all.checked;
    go.disabled = !all.checked && chosen().length === 0;
  };
  const words = byId('emergency-text');
  byId('emergency-form').addEventListener('change', () => {
    const { kind } = Object.fromEntries(new FormData(byId('emergency-form')));
    words.required = kind === 'message';
  });
  all.addEventListener('change', settle);
  list.addEventListener('change', settle);
  byId('emergency-cancel').addEventListener('click', () => dialog.close());
  byId('emergency-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const form = new FormData(byId('emergency-form'));
    const emergency = {
      emergencyId: crypto.randomUUID(),
      active: true,
      kind: form.get('kind'),
      text: words.value.trim(),
      screens: all.checked ? [] : chosen(),
      by: 'page',
    };
    byId('emergency-error').textContent = '';
    go.disabled = true;
    change('POST', '/v1/emergency', emergency).then(
      () => {
        dialog.close();
        announce('The emergency is raised.');
        onRaised();
      },
      (error) => {
        byId('emergency-error').textContent = error.message;
        go.disabled = false;
      },
    );
  });
  return () => {
    byId('emergency-form').reset();
    byId('emergency-error').textContent = '';
    list.replaceChildren(
      ...screensNow().map(({ screenId, name }) =>
        el('label', {}, el('input', { type: 'checkbox', value: screenId }), ` ${name}`),
      ),
    );
    settle();
    dialog.showModal();
  };
}

export const endEmergency = ({ emergencyId, kind, text, screens }) =>
  change('POST', '/v1/emergency', {
    emergencyId,
    active: false,
    kind,
    text,
    screens,
    by: 'page',
  });
