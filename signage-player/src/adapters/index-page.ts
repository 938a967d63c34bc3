import type { ScreenReport } from '@foyer/contracts';

/** A screen as the list at `/` shows it. */
export interface ListedScreen {
  readonly screenId: string;
  readonly name: string;
  readonly report: ScreenReport | null;
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
const escape = (text: string): string => text.replaceAll(/[&<>"]/g, (sign) => escapes[sign] ?? '');

const style = `
body{margin:0;padding:2rem;background:#0b0910;color:#eee6f2;font:16px/1.5 system-ui,sans-serif}
h1{font-weight:600}table{border-collapse:collapse}
td,th{padding:.4rem 1.2rem .4rem 0;text-align:left}
a{color:#e9b96a}th{color:#a79bb0;font-weight:400}
`;

const row = ({ screenId, name, report }: ListedScreen): string => `<tr>
<td><a href="/screens/${screenId}">${screenId}</a></td><td>${escape(name)}</td>
<td>${escape(report?.mode ?? 'unknown')}</td><td>${escape(report?.playing?.itemId ?? '')}</td>
<td><a href="/preview/${screenId}">preview</a></td></tr>`;

/** The list of the screens of this box: HTML and its headers. No script runs in it. */
export function indexPage(screens: readonly ListedScreen[]): {
  html: string;
  headers: Record<string, string>;
} {
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Foyer screens</title>
<link rel="icon" href="data:,"><style>${style}</style></head><body><h1>Screens of this box</h1>
<table><tr><th>Screen</th><th>Name</th><th>Mode</th><th>Playing</th><th></th></tr>
${screens.map(row).join('\n')}
</table></body></html>
`;
  return {
    html,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    },
  };
}
