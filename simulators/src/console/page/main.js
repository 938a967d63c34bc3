import { addLine, showPulse } from './feed.js';
import { showGates, showVerdict } from './gates.js';
import { showScreens } from './screens.js';
import { makeStations } from './stations.js';
import { showSwitches, whenSwitchFails } from './switches.js';
import { count, millis, nodeWords, say, span, tag } from './words.js';

const byId = (id) => document.getElementById(id);
const notice = byId('notice');
const showStations = makeStations();
let brokenBefore;

function tell(text) {
  notice.hidden = text === '';
  say(notice, text);
}

function showTotals({ totals, throughput }) {
  say(byId('f-greens'), count(totals.greens));
  const cloud = totals.cloudAdmissions;
  say(byId('f-cloud'), cloud === null ? 'cloud is silent' : `cloud has ${count(cloud)}`);
  say(byId('f-refused'), count(totals.ambers + totals.reds));
  say(byId('f-refused-note'), `${count(totals.ambers)} amber · ${count(totals.reds)} red`);
  say(byId('f-p50'), totals.verdictP50Ms === 0 ? '–' : millis(totals.verdictP50Ms));
  say(byId('f-p99'), `p99 ${totals.verdictP99Ms === 0 ? '–' : millis(totals.verdictP99Ms)}`);
  say(byId('f-degraded'), count(totals.degraded));
  tag(byId('f-degraded-box'), 'tone', totals.degraded > 0 ? 'amber' : undefined);
  say(byId('f-doubles'), count(totals.doubles));
  const reported = totals.reportedDoubles;
  say(byId('f-reported'), reported === null ? 'cloud is silent' : `${count(reported)} reported`);
  const doublesTone = reported === totals.doubles ? 'amber' : 'red';
  tag(byId('f-doubles-box'), 'tone', totals.doubles > 0 ? doublesTone : undefined);
  showPulse(throughput);
}

const partWords = (name) => {
  if (name === 'wan') return 'the internet';
  if (name.startsWith('lan:')) return `${nodeWords(name.slice(4))}'s cable`;
  return nodeWords(name);
};

// Only what someone broke or mended is said aloud; verdicts would never stop talking.
function announce(broken) {
  const text =
    broken.length === 0 ? 'Everything is sound.' : `Broken: ${broken.map(partWords).join(', ')}.`;
  const key = broken.join();
  if (brokenBefore !== undefined && brokenBefore !== key) say(byId('announcer'), text);
  brokenBefore = key;
}

function showState(view) {
  document.title = `${view.name} · Foyer console`;
  say(byId('name'), view.name);
  const sound =
    view.broken.length === 0
      ? 'everything is sound'
      : `broken: ${view.broken.map(partWords).join(', ')}`;
  say(byId('running'), `Open for ${span(view.runningMs)} · ${sound}`);
  showStations(view);
  showGates(view);
  showScreens(view);
  showSwitches(view.broken);
  showTotals(view);
  announce(view.broken);
}

whenSwitchFails((message) => tell(message));

const events = new EventSource('/events');
events.addEventListener('open', () => tell(''));
events.addEventListener('error', () =>
  tell('The theatre has closed or does not answer. Start it again with npm start.'),
);
events.addEventListener('state', ({ data }) => showState(JSON.parse(data)));
events.addEventListener('verdict', ({ data }) => {
  const line = JSON.parse(data);
  addLine(line);
  showVerdict(line);
});
events.addEventListener('lines', ({ data }) => {
  byId('lines').replaceChildren();
  for (const line of JSON.parse(data)) {
    addLine(line);
    showVerdict(line);
  }
});
