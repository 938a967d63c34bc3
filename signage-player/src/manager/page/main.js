import { alarmsView, emergencyForm, endEmergency } from './alarms.js';
import { get, hasToken, Refused, setToken } from './api.js';
import { contentView } from './content.js';
import { announce, byId, say, setZone, timeWithSeconds } from './dom.js';
import { logView } from './log.js';
import { previewView } from './preview.js';
import { screensView, sendCommand } from './screens.js';
import { showsView } from './shows.js';

const pollMs = 1500;
const ranks = ['viewer', 'editor', 'operator'];

const makers = {
  screens: screensView,
  preview: previewView,
  content: contentView,
  shows: showsView,
  log: logView,
};

let role = 'viewer';
let overview = null;
let offsetMs = 0;
let views = {};
let alarms = null;
let running = 0;
let noticeOf = '';

function notice(text, source) {
  // What a poll said goes when the next one succeeds; what a person did stays until they do more.
  noticeOf = text === '' ? '' : source;
  say(byId('notice'), text);
  byId('notice').hidden = text === '';
}

function fail(error) {
  if (error instanceof Refused && error.status === 401) signOut(error.message);
  else notice(error.message, 'person');
}

const context = {
  nowMs: () => Date.now() + offsetMs,
  theatreNo: () => overview?.theatre?.theatreNo ?? null,
  may: (needed) => ranks.indexOf(role) >= ranks.indexOf(needed),
  show: (name, what) => show(name, what),
  fail,
  refresh: () => void poll(),
  command: (screenId, kind) => {
    void sendCommand(screenId, kind).then((text) => {
      announce(text);
      notice(text, 'person');
    });
  },
  endEmergency: (emergency) => {
    endEmergency(emergency).then(() => {
      announce('The emergency is ended.');
      void poll();
    }, fail);
  },
};

function show(name, what) {
  const view = views[name] ?? views.screens;
  notice('', 'person');
  for (const button of byId('nav').children) {
    if (button.dataset.view === name) button.setAttribute('aria-current', 'page');
    else button.removeAttribute('aria-current');
  }
  const moved = !byId('main').contains(view.section);
  if (moved) byId('main').replaceChildren(view.section);
  history.replaceState(null, '', `#${name}`);
  if (overview !== null) view.update(overview);
  view.focus?.(what);
  if (moved && what !== undefined) byId('main').focus();
}

async function poll() {
  try {
    overview = await get('/v1/overview');
    offsetMs = overview.nowMs - Date.now();
    if (noticeOf === 'poll') notice('', 'poll');
    if (overview.theatre !== null) {
      setZone(overview.theatre.timeZone);
      say(byId('theatre'), overview.theatre.name);
    }
    alarms.update(overview);
    for (const view of Object.values(views)) {
      if (byId('main').contains(view.section)) view.update(overview);
    }
  } catch (error) {
    if (error instanceof Refused && error.status === 401) signOut(error.message);
    else if (noticeOf !== 'person') notice(error.message, 'poll');
  }
}

async function run(mine) {
  if (mine !== running) return;
  await poll();
  setTimeout(() => void run(mine), pollMs);
}

function signOut(message) {
  running += 1;
  setToken('');
  overview = null;
  byId('app').hidden = true;
  byId('sign-in').hidden = false;
  say(byId('sign-in-error'), message);
  byId('token').focus();
}

async function signIn(first) {
  try {
    const me = await get('/v1/me');
    role = me.role;
    say(byId('who'), `${me.name}, ${me.role}`);
  } catch (error) {
    signOut(error.message);
    return;
  }
  byId('sign-in').hidden = true;
  byId('app').hidden = false;
  byId('raise').hidden = !context.may('operator');
  views = Object.fromEntries(Object.entries(makers).map(([name, make]) => [name, make(context)]));
  alarms = alarmsView(context);
  show(first in makers ? first : 'screens');
  running += 1;
  void run(running);
}

byId('nav').addEventListener('click', (event) => {
  const name = event.target.dataset?.view;
  if (name !== undefined) show(name);
});
byId('sign-out').addEventListener('click', () => signOut(''));
byId('sign-in-form').addEventListener('submit', (event) => {
  event.preventDefault();
  setToken(byId('token').value.trim());
  byId('token').value = '';
  void signIn('screens');
});
byId('raise').addEventListener(
  'click',
  emergencyForm(
    () => overview?.screens ?? [],
    () => void poll(),
  ),
);
setInterval(() => {
  if (overview !== null) say(byId('clock'), timeWithSeconds(context.nowMs()));
}, 500);

// A token in the address comes from a link of this machine; it must not stay in the history.
const told = /^#token=([\w.~-]{1,200})$/.exec(location.hash)?.[1];
const wanted = location.hash.slice(1);
if (told !== undefined) {
  setToken(told);
  history.replaceState(null, '', location.pathname);
}
if (hasToken()) void signIn(told === undefined ? wanted : 'screens');
else signOut('');
