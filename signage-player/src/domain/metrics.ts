import type { ScreenReport } from '@foyer/contracts';

export interface MetricParts {
  readonly reports: readonly ScreenReport[];
  readonly playsWaiting: number;
  readonly storeBytes: number;
  readonly partBytes: number;
  readonly missing: number;
  readonly agentUp: boolean;
  readonly alarmsUntold: number;
}

const gauge = (name: string, help: string, lines: readonly string[]): string[] => [
  `# HELP foyer_player_${name} ${help}`,
  `# TYPE foyer_player_${name} gauge`,
  ...lines.map((line) => `foyer_player_${name}${line}`),
];

/** The text of /metrics, in Prometheus's format. */
export function metricsText(parts: MetricParts): string {
  const { reports } = parts;
  const perScreen = (value: (report: ScreenReport) => number): string[] =>
    reports.map((report) => `{screen="${report.screenId}"} ${value(report)}`);
  return [
    ...gauge('agent_up', 'The agent on this box answers.', [` ${parts.agentUp ? 1 : 0}`]),
    ...gauge('store_bytes', 'Bytes of whole files in the store.', [` ${parts.storeBytes}`]),
    ...gauge('part_bytes', 'Bytes of files that are on their way.', [` ${parts.partBytes}`]),
    ...gauge('files_missing', 'Files that are wanted and not here.', [` ${parts.missing}`]),
    ...gauge('plays_waiting', 'Plays that the agent has not taken.', [` ${parts.playsWaiting}`]),
    ...gauge('alarms_untold', 'Alarms of contacts that the agent has not heard.', [
      ` ${parts.alarmsUntold}`,
    ]),
    ...gauge(
      'plays',
      'Plays since the player started.',
      perScreen(({ plays }) => plays),
    ),
    ...gauge(
      'blank_ms',
      'Time with nothing on the screen.',
      perScreen(({ blankMs }) => blankMs),
    ),
    ...gauge(
      'page_age_ms',
      'Since the page last spoke; -1: never.',
      perScreen(({ pageAgeMs }) => pageAgeMs ?? -1),
    ),
    '',
  ].join('\n');
}
