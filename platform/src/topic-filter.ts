/** Whether a topic matches an MQTT topic filter; topics that begin with `$` are no exception. */
export function topicMatches(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const found = topic.split('/');
  for (const [level, part] of wanted.entries()) {
    if (part === '#') return true;
    if (level >= found.length || (part !== '+' && part !== found[level])) return false;
  }
  return wanted.length === found.length;
}
