const MAX_TOPIC_LENGTH = 256;

/** Control characters, NUL among them: brokers close connections over them (MQTT 3.1.1 section 1.5.3). */
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * Tells whether `text` is a topic that can be published to (MQTT 3.1.1 section 4.7): no wildcards, and none of the
 * broker's own, which begin with `$`.
 */
export function isTopicName(text: string): boolean {
  return isPlainTopic(text) && !/[+#]/.test(text);
}

/** Tells whether `text` is a topic filter (MQTT 3.1.1 section 4.7.1): `+` a whole level, `#` the whole last level. */
export function isTopicFilter(text: string): boolean {
  const levels = text.split('/');
  return isPlainTopic(text) && levels.every((level, index) => isFilterLevel(level, index === levels.length - 1));
}

function isPlainTopic(text: string): boolean {
  const sized = text.length > 0 && text.length <= MAX_TOPIC_LENGTH;
  return sized && !text.startsWith('$') && !CONTROL.test(text) && text.isWellFormed();
}

function isFilterLevel(level: string, last: boolean): boolean {
  return !/[+#]/.test(level) || level === '+' || (level === '#' && last);
}
