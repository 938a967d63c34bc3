import type { Boot } from './wire.ts';

/** A page of a screen as the player serves it. */
export interface PageShell {
  readonly html: string;
  /** Headers that the answer must carry, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Where the page's script is served: the bundle `signage-page`. */
export const pageScriptPath = '/assets/signage-page.mjs';

// What is on the glass until the script has drawn its first frame: dark, and alive, never white.
const firstPaint = `
html,body{margin:0;height:100%;background:#0b0910;overflow:hidden;cursor:none}
#before{position:fixed;inset:0;display:grid;place-content:center;
background:radial-gradient(120% 90% at 50% 110%,#4a2038,#15101d 55%,#0b0910)}
#before i{width:24vmin;height:1.2vmin;border-radius:1vmin;background:#e9b96a}
`;

/**
 * The HTML of a screen's page. Nothing runs in it but the script that carries `nonce`; it loads
 * from its own player only, and may be framed by pages of this machine (a preview is).
 *
 * @param nonce - Fresh for each answer, base64url.
 */
export function pageShell(boot: Boot, nonce: string): PageShell {
  const data = JSON.stringify(boot).replaceAll('<', '\\u003c');
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="dark">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${boot.screenId}</title>
<link rel="icon" href="data:,">
<style>${firstPaint}</style>
</head>
<body>
<div id="before"><i></i></div>
<script type="application/json" id="boot">${data}</script>
<script type="module" nonce="${nonce}" src="${pageScriptPath}"></script>
</body>
</html>
`;
  return { html, headers: { ...securityHeaders(nonce), 'cache-control': 'no-store' } };
}

// A chain's template runs in a frame without an origin that inherits this policy and has a
// stricter one of its own; its scripts carry the nonce, which only this page can give them.
function securityHeaders(nonce: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    'font-src data:',
    "connect-src 'self'",
    "frame-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    'frame-ancestors http://127.0.0.1:* http://localhost:*',
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
}
