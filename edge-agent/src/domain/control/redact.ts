const mask = '[redacted]';

/** What must not leave the box with its logs, also where a fault put it into a message. */
const secrets: readonly [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)/gs, mask],
  // A ticket code admits whoever shows it.
  [/F1:[0-9A-Z $%*+./:-]{16,}/g, `F1:${mask}`],
  [/\b(AKIA|ASIA)[A-Z0-9]{12,}/g, `$1${mask}`],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${mask}`],
  [/(\w+:\/\/[^:/@\s"]*):[^@/\s"]+@/g, `$1:${mask}@`],
  [/([?&](?:X-Amz-[\w-]+|\w*(?:token|password|signature|key))=)[^&#\s"\\]+/gi, `$1${mask}`],
  [
    /("[\w-]*(?:secret|token|passw|passphrase|private|cookie|authori)[\w-]*"\s*:\s*)"[^"]*"/gi,
    `$1"${mask}"`,
  ],
];

/** A log without keys, tokens, passwords and ticket codes. */
export function redact(text: string): string {
  return secrets.reduce((left, [pattern, instead]) => left.replace(pattern, instead), text);
}
