/** One sample: its labels, in the order of the text, and its value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A family of Prometheus's text format 0.0.4. */
export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly help: string;
  readonly samples: readonly Sample[];
}

const HELP = /^# HELP ([a-z][a-z0-9_]*) (.+)$/;
const TYPE = /^# TYPE ([a-z][a-z0-9_]*) (counter|gauge|histogram|summary)$/;
// prom-client writes Nan; Prometheus reads it in any letter case.
const SAMPLE = /^([a-z][a-z0-9_]*)(?:\{(.+)\})? (Na[Nn]|[+-]?Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const LABEL = /([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/**
 * Parses metrics as strictly as the format is written: HELP and TYPE before the samples of a family, which stand
 * together, each once; suffixes as the type has them; histograms that add up. @throws where a line is anything else
 */
export function parseMetrics(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('The last line has no end.');
  const families = new Map<string, Family & { samples: Sample[] }>();
  let help: RegExpExecArray | null = null;
  let family: (Family & { samples: Sample[] }) | undefined;
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const isHelp = HELP.exec(line);
    const type = TYPE.exec(line);
    if (isHelp) {
      help = isHelp;
    } else if (type) {
      const [, name = '', kind] = type;
      if (help?.[1] !== name || families.has(name)) throw new Error(`Not after its HELP, or again: ${line}`);
      family = { name, type: kind as Family['type'], help: help[2] ?? '', samples: [] };
      families.set(name, family);
    } else {
      addSample(line, family);
    }
  }
  for (const one of families.values()) verifyFamily(one);
  return families;
}

function addSample(line: string, family: (Family & { samples: Sample[] }) | undefined): void {
  const parsed = SAMPLE.exec(line);
  if (!parsed || !family) throw new Error(`No sample: ${line}`);
  const [, name = '', labels = '', value = ''] = parsed;
  const suffixes =
    family.type === 'histogram'
      ? ['_bucket', '_sum', '_count']
      : family.type === 'summary'
        ? ['', '_sum', '_count']
        : [''];
  if (!suffixes.some((suffix) => name === family.name + suffix)) throw new Error(`In a foreign family: ${line}`);
  const sample = {
    name,
    labels: parseLabels(labels, line),
    value: Number(value.replace('Inf', 'Infinity').replace('Nan', 'NaN')),
  };
  const key = (one: Sample) => JSON.stringify([one.name, Object.entries(one.labels).sort()]);
  if (family.samples.some((one) => key(one) === key(sample))) throw new Error(`Twice: ${line}`);
  family.samples.push(sample);
}

function parseLabels(text: string, line: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined || name in labels) throw new Error(`Labels: ${line}`);
    labels[name] = value;
  }
  return labels;
}

function verifyFamily({ name, type, samples }: Family): void {
  if (type === 'counter' && !name.endsWith('_total')) throw new Error(`${name} is a counter without _total`);
  if (type !== 'counter' && name.endsWith('_total')) throw new Error(`${name} is no counter`);
  if (type === 'counter' && samples.some(({ value }) => !(value >= 0))) throw new Error(`${name} counts down`);
  if (type !== 'histogram') return;
  for (const { labels, value } of samples.filter((one) => one.name === `${name}_count`)) {
    const same = (one: Sample) => Object.entries(labels).every(([label, is]) => one.labels[label] === is);
    const buckets = samples.filter((one) => one.name === `${name}_bucket` && same(one));
    const values = buckets.map((one) => one.value);
    const isRising = values.every((one, index) => index === 0 || one >= (values[index - 1] ?? 0));
    if (!isRising || buckets.at(-1)?.labels['le'] !== '+Inf' || values.at(-1) !== value) {
      throw new Error(`${name} does not add up`);
    }
  }
}
