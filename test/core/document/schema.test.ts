import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../core/digest.ts';
import { documentJsonSchema } from '../../../core/document/json-schema.ts';
import { parseDocument } from '../../../core/document/parse-document.ts';
import { parseYamlDocument } from '../../../core/document/parse-yaml.ts';
import { DewproofError } from '../../../core/errors.ts';
import { codeOf } from '../support/code-of.ts';
import { bytesOf, rawProfile, rawResource, SALT, utf8 } from '../support/samples.ts';

const mqtt = { topic: 'a/b' };
const input = { id: 'temperature', mqtt };
const artifact = { digest: digestOf(utf8('script')), size: 10 };
const many = (length: number) => Array.from({ length }, (_, index) => `n${index}`);
const labelsOf = (count: number) => Object.fromEntries(many(count).map((key) => [key, 'x']));

/** Parts of a resource's spec that are taken. */
const taken: readonly (readonly [string, object])[] = [
  ['no inputs and no views', { inputs: [], views: [] }],
  ['64 inputs', { inputs: many(64).map((id) => ({ id, mqtt })), views: [] }],
  ['wildcards in an input', { inputs: [{ id: 'temperature', mqtt: { topic: 'barn/+/temperature/#' } }] }],
  ['a bound input', { inputs: [{ id: 'temperature', mqtt: { topic: '{group}/{device}/{binding}' } }] }],
  ['an input bound as a whole', { inputs: [{ id: 'temperature', coap: { uri: '{binding}' } }] }],
  ['a CoAP input', { inputs: [{ id: 'temperature', coap: { uri: 'coap://10.0.7.9/t', observe: true } }] }],
  ['an HTTP input', { inputs: [{ id: 'temperature', http: { uri: 'http://10.0.7.9/t', every: '30s' } }] }],
  [
    'a BLE input',
    {
      inputs: [
        {
          id: 'temperature',
          ble: {
            address: '00:1a:7d:da:71:13',
            service: '0000181a-0000-1000-8000-00805f9b34fb',
            characteristic: '00002a6e-0000-1000-8000-00805f9b34fb',
          },
        },
      ],
    },
  ],
  ['a pointer into JSON', { inputs: [{ ...input, payload: { format: 'json', pointer: '/a~1b/0', unit: '°C' } }] }],
  ['a range', { views: [{ id: 'all', input: 'temperature', range: true }] }],
  [
    'percentiles',
    { views: [{ id: 'h', input: 'temperature', window: '1h', aggregate: ['p1', 'p50', 'p99', 'rate'] }] },
  ],
  [
    'windows of a time zone',
    {
      views: ['1d', '7d', '1h', '15m', '8h'].map((window) => ({
        id: `w${window}`,
        input: 'temperature',
        window,
        aggregate: ['sum'],
        timezone: 'America/Argentina/Buenos_Aires',
      })),
    },
  ],
  [
    'joined views',
    {
      inputs: many(2).map((id) => ({ id, mqtt })),
      views: [
        { id: 'now', join: many(2), latest: true },
        { id: 'h', join: many(2), window: '1h', aggregate: ['mean'] },
      ],
    },
  ],
  ['windows', { views: [{ id: 'h', input: 'temperature', window: '1h', aggregate: ['min', 'count'] }] }],
  ['a script', { runtime: { kind: 'script', artifact } }],
  ['a process', { runtime: { kind: 'process', artifact, args: ['--fast'] } }],
  ['the largest version', { version: Number.MAX_SAFE_INTEGER }],
];

const long = 'x'.repeat(64);

/** Parts of a resource's spec that are refused. */
const refused: readonly (readonly [string, object])[] = [
  ['version 0', { version: 0 }],
  ['a version that is no whole number', { version: 1.5 }],
  ['a version as text', { version: '3' }],
  ['a version beyond whole doubles', { version: 2 ** 53 }],
  ['a short salt', { salt: 'c2hvcnQ' }],
  ['a long salt', { salt: 'x'.repeat(87) }],
  ['a salt of another alphabet', { salt: `${SALT.slice(0, -1)}+` }],
  ['a group that is no name', { group: 'Barn 7' }],
  ['a group that walks up', { group: '../x' }],
  ['a long group', { group: long }],
  ['a field that nobody knows', { colour: 'red' }],
  ['a runtime that nobody knows', { runtime: { kind: 'container' } }],
  ['views with an artifact', { runtime: { kind: 'views', artifact } }],
  ['a script without an artifact', { runtime: { kind: 'script' } }],
  ['an artifact without a size', { runtime: { kind: 'script', artifact: { digest: artifact.digest } } }],
  ['an artifact of no bytes', { runtime: { kind: 'script', artifact: { ...artifact, size: 0 } } }],
  ['an artifact by another digest', { runtime: { kind: 'script', artifact: { ...artifact, digest: 'md5:00' } } }],
  ['no memory', { runtime: { kind: 'script', artifact, limits: { memoryMiB: 0 } } }],
  ['65 inputs', { inputs: many(65).map((id) => ({ id, mqtt })), views: [] }],
  ['65 views', { views: many(65).map((id) => ({ id, input: 'temperature', latest: true })) }],
  ['an input without an id', { inputs: [{ mqtt }] }],
  ['an input twice', { inputs: [input, input] }],
  ['an input with two transports', { inputs: [{ ...input, coap: { uri: 'coap://a/b' } }] }],
  ['an input with no transport', { inputs: [{ id: 'temperature' }] }],
  ['an input and an action of one id', { actions: [input] }],
  ['a view twice', { views: [1, 2].map(() => ({ id: 'now', input: 'temperature', latest: true })) }],
  ['a view of no input', { views: [{ id: 'now', input: 'humidity', latest: true }] }],
  ['a view that is not the latest', { views: [{ id: 'now', input: 'temperature', latest: false }] }],
  ['a view of two kinds', { views: [{ id: 'now', input: 'temperature', latest: true, range: true }] }],
  ['a window without aggregates', { views: [{ id: 'h', input: 'temperature', window: '1h' }] }],
  ['a window with no aggregate', { views: [{ id: 'h', input: 'temperature', window: '1h', aggregate: [] }] }],
  ['an aggregate twice', { views: [{ id: 'h', input: 'temperature', window: '1h', aggregate: ['min', 'min'] }] }],
  ['an unknown aggregate', { views: [{ id: 'h', input: 'temperature', window: '1h', aggregate: ['mode'] }] }],
  ...['p0', 'p100', 'p05', 'p9.5', 'P50', 'p'].map((word): readonly [string, object] => [
    `the percentile ${word}`,
    { views: [{ id: 'h', input: 'temperature', window: '1h', aggregate: [word] }] },
  ]),
  ...['+01:00', 'Europe/Nowhere', 'europe/berlin', 'CEST', '', '../etc/passwd', `Europe/${'x'.repeat(64)}`].map(
    (timezone): readonly [string, object] => [
      `the time zone ${timezone}`,
      { views: [{ id: 'h', input: 'temperature', window: '1h', aggregate: ['min'], timezone }] },
    ],
  ),
  [
    'windows of a time zone that are no part of a day',
    { views: [{ id: 'h', input: 'temperature', window: '7h', aggregate: ['min'], timezone: 'Europe/Berlin' }] },
  ],
  ['a join of one', { views: [{ id: 'h', join: ['temperature'], latest: true }] }],
  ['a join of one twice', { views: [{ id: 'h', join: ['temperature', 'temperature'], latest: true }] }],
  ['a join of nothing known', { views: [{ id: 'h', join: ['temperature', 'humidity'], latest: true }] }],
  ['a join of ranges', { views: [{ id: 'h', join: ['temperature', 'temperature2'], range: true }] }],
  ['a window too short', { views: [{ id: 'h', input: 'temperature', window: '1ms', aggregate: ['min'] }] }],
  ['a window too long', { views: [{ id: 'h', input: 'temperature', window: '367d', aggregate: ['min'] }] }],
  ['a bare number as a window', { views: [{ id: 'h', input: 'temperature', window: '60', aggregate: ['min'] }] }],
  ['# before the end', { inputs: [{ id: 'temperature', mqtt: { topic: 'a/#/b' } }] }],
  ['# within a level', { inputs: [{ id: 'temperature', mqtt: { topic: 'a/b#' } }] }],
  ['+ within a level', { inputs: [{ id: 'temperature', mqtt: { topic: 'a/b+/c' } }] }],
  ["the broker's own topics", { inputs: [{ id: 'temperature', mqtt: { topic: '$SYS/#' } }] }],
  ['a shared subscription', { inputs: [{ id: 'temperature', mqtt: { topic: '$share/g/a' } }] }],
  ['an empty topic', { inputs: [{ id: 'temperature', mqtt: { topic: '' } }] }],
  ['a long topic', { inputs: [{ id: 'temperature', mqtt: { topic: 'x'.repeat(257) } }] }],
  ['NUL in a topic', { inputs: [{ id: 'temperature', mqtt: { topic: 'a\0' } }] }],
  ['a placeholder that nobody knows', { inputs: [{ id: 'temperature', mqtt: { topic: '{tenant}/a' } }] }],
  ['half a placeholder', { inputs: [{ id: 'temperature', mqtt: { topic: 'a/{binding' } }] }],
  ['a wildcard in an action', { actions: [{ id: 'vent', mqtt: { topic: 'a/+' } }] }],
  ['# in an action', { actions: [{ id: 'vent', mqtt: { topic: 'a/#' } }] }],
  ['a file as a CoAP input', { inputs: [{ id: 'temperature', coap: { uri: 'file:///etc/passwd' } }] }],
  ['a web page as a CoAP input', { inputs: [{ id: 'temperature', coap: { uri: 'http://10.0.7.9/t' } }] }],
  ['a group as a CoAP input', { inputs: [{ id: 'temperature', coap: { uri: 'coap://224.0.1.187/t' } }] }],
  ['an IPv6 group as a CoAP input', { inputs: [{ id: 'temperature', coap: { uri: 'coap://[ff02::fd]/t' } }] }],
  ['a percent sign that encodes nothing', { inputs: [{ id: 'temperature', coap: { uri: 'coap://a/%zz' } }] }],
  ['bytes that are no UTF-8', { inputs: [{ id: 'temperature', coap: { uri: 'coap://a/%ff' } }] }],
  ['too long a part for CoAP', { inputs: [{ id: 'temperature', coap: { uri: `coap://a/${'x'.repeat(256)}` } }] }],
  ['credentials in a URI', { inputs: [{ id: 'temperature', coap: { uri: 'coap://me:pw@a/b' } }] }],
  ['a format that nobody knows', { inputs: [{ ...input, payload: { format: 'xml' } }] }],
  ['a pointer without a slash', { inputs: [{ ...input, payload: { format: 'json', pointer: 'a' } }] }],
  ['a pointer with half an escape', { inputs: [{ ...input, payload: { format: 'json', pointer: '/a~2' } }] }],
  ['a pointer into a number', { inputs: [{ ...input, payload: { format: 'number', pointer: '/a' } }] }],
  ['a terminal escape as a unit', { inputs: [{ ...input, payload: { unit: '\u001b[2J' } }] }],
  ['no retention', { store: { retention: '0s' } }],
  ['endless retention', { store: { retention: '9999d' } }],
  ['entries without end', { store: { maxEntries: 1e9 } }],
  ['half an offload', { store: { offload: { to: 'fog' } } }],
  ['a link that nobody knows', { network: ['pigeon'] }],
  ['a link twice', { network: ['wifi', 'wifi'] }],
  ['no replicas', { replicas: { max: 0 } }],
  ['a resource that requires itself', { requires: [{ resource: 'barn-climate' }] }],
  ['a requirement twice', { requires: [{ resource: 'weather' }, { resource: 'weather' }] }],
  ['a requirement of another tenant', { requires: [{ resource: 'redfields/weather' }] }],
  ['65 labels', { placement: { labels: labelsOf(65) } }],
  ['a label with a space', { placement: { labels: { site: 'far north' } } }],
  ['a label key with capitals', { placement: { labels: { Site: 'north' } } }],
  ['a label that is a number', { placement: { labels: { floor: 7 } } }],
  ['a secret with its value', { secrets: [{ name: 'api-key', value: 'hunter2' }] }],
  ['a secret twice', { secrets: ['a', 'a'] }],
  ['outbound to a file', { outbound: ['file:///etc/'] }],
  ['outbound that walks up', { outbound: ['https://weather.example/v1/../v2/'] }],
  ['outbound that walks up in disguise', { outbound: ['https://weather.example/v1/%2e%2e/'] }],
  ['outbound with credentials', { outbound: ['https://me:pw@weather.example/'] }],
  ['outbound in capitals', { outbound: ['https://WEATHER.example/'] }],
  ['restarts without end', { restart: { maxPerHour: 1e6 } }],
  ['a health check without end', { health: { timeout: '9999d' } }],
];

describe('a resource with', () => {
  test.each(taken)('%s is taken', (_, spec) => {
    expect(codeOf(() => parseDocument(bytesOf(rawResource(spec))))).toBeUndefined();
  });

  test.each(refused)('%s is refused', (_, spec) => {
    expect(codeOf(() => parseDocument(bytesOf(rawResource(spec))))).toBe('SCHEMA');
  });

  test.each(['tenant', 'name'])('a %s that is no name is refused', (field) => {
    for (const bad of ['', 'A', '-a', 'a-', 'a/b', 'a?b', 'a#b', '..', long, 'ä', 7]) {
      expect(codeOf(() => parseDocument(bytesOf(rawResource({}, { [field]: bad }))))).toBe('SCHEMA');
    }
  });
});

describe('a profile with', () => {
  test.each<readonly [string, object]>([
    ['labels, links and bindings', { labels: { site: 'north' }, links: ['wifi'], bindings: { temperature: 'a/b' } }],
    ['64 labels', { labels: labelsOf(64) }],
    ['room for nothing', { capacity: { resources: 0 } }],
  ])('%s is taken', (_, spec) => {
    expect(codeOf(() => parseDocument(bytesOf(rawProfile(spec))))).toBeUndefined();
  });

  test.each<readonly [string, object]>([
    ['room without end', { capacity: { resources: 1e6 } }],
    ['negative room', { capacity: { resources: -1 } }],
    ['65 bindings', { bindings: labelsOf(65) }],
    ['65 labels', { labels: labelsOf(65) }],
    ['a binding of no id', { bindings: { 'Not An Id': 'a' } }],
    ['a binding to nothing', { bindings: { temperature: '' } }],
    ['a long binding', { bindings: { temperature: 'x'.repeat(513) } }],
    ['a field that nobody knows', { secret: 'x' }],
  ])('%s is refused', (_, spec) => {
    expect(codeOf(() => parseDocument(bytesOf(rawProfile(spec))))).toBe('SCHEMA');
  });
});

describe('a refusal', () => {
  function refusalOf(raw: object): DewproofError {
    try {
      parseYamlDocument(JSON.stringify(raw));
    } catch (error) {
      if (error instanceof DewproofError) return error;
      throw error;
    }
    throw new Error('expected a refusal');
  }

  test.each<readonly [string, object, string]>([
    ['a kind', { ...rawResource(), kind: 'Pod' }, 'kind'],
    ['a transport', rawResource({ inputs: [{ id: 'temperature', mqqt: mqtt }] }), 'spec.inputs[0].mqtt'],
    ['a topic', rawResource({ inputs: [{ id: 'temperature', mqtt: { topic: '#a' } }] }), 'spec.inputs[0].mqtt.topic'],
    [
      'an aggregate',
      rawResource({ views: [{ id: 'h', input: 'temperature', window: '1h', aggregate: ['mode'] }] }),
      'spec.views[0].aggregate[0]',
    ],
    ['a reference', rawResource({ views: [{ id: 'h', input: 'x', latest: true }] }), 'spec.views[0].input'],
  ])('names the path of %s', (_, raw, path) => {
    const { issues } = refusalOf(raw).details as { issues: readonly { path: string }[] };
    expect(issues[0]?.path).toBe(path);
  });

  test('stays short and printable whatever the keys are', () => {
    const keys = Object.fromEntries(many(5_000).map((key) => [`\u001b[31m${key}`, 1]));
    const error = refusalOf(rawResource(keys));
    expect(error.message.length).toBeLessThan(1_500);
    expect(error.message).not.toMatch(/[\u0000-\u001f]/);
  });
});

describe('documentJsonSchema', () => {
  test('says what the schema says: both kinds, what is required, nothing beside it', () => {
    const schema = documentJsonSchema();
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      oneOf: [
        {
          additionalProperties: false,
          required: ['apiVersion', 'kind', 'metadata', 'spec'],
          properties: {
            kind: { const: 'VirtualResource' },
            spec: { required: ['group'], additionalProperties: false },
          },
        },
        { properties: { kind: { const: 'DeviceProfile' }, spec: { required: ['capacity'] } } },
      ],
    });
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });
});
