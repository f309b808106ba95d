import { digestOf, type Digest } from '../../../core/digest.ts';
import { MAX_DOCUMENT_BYTES } from '../../../core/document/limits.ts';
import type { ConfigurationRecord, DeviceRecord } from '../../../core/ledger/records.ts';
import { bytesOf, rawProfile, rawResource, SALT, utf8 } from '../../core/support/samples.ts';
import { DEVICE, GROUP, OTHER_GROUP, RESOURCE } from '../../core/support/site.ts';
import type { Draft, Family } from '../make/draft.ts';
import { factsBundle, type Facts } from '../make/facts.ts';
import type { FiledBytes } from '../vector.ts';
import { groupIdOf, resourceIdOf } from '../../../core/ids.ts';

const stranger = `0x${'ee'.repeat(20)}` as const;

/** As text where it is some, so that a file can be read. */
function text(bytes: Uint8Array): FiledBytes {
  const decoded = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const isText = Buffer.from(decoded).equals(bytes);
  return isText ? { text: decoded } : { edits: [{ at: 0, insert: Buffer.from(bytes).toString('hex') }] };
}

const good = bytesOf(rawResource());
const digest = digestOf(good);
const other = digestOf(utf8('other'));
const goodProfile = bytesOf(rawProfile());

interface Site {
  /** What was approved, and (unless `shown` says otherwise) what is shown. */
  readonly approved?: Uint8Array;
  readonly shown?: FiledBytes;
  readonly profile?: Uint8Array;
  /** undefined: withheld. */
  readonly shownProfile?: FiledBytes | undefined;
  readonly record?: Partial<ConfigurationRecord> | undefined;
  readonly device?: Partial<DeviceRecord> | undefined;
  readonly lastSeen?: { readonly version: bigint; readonly digest: Digest };
  readonly asks?: { readonly resource?: `0x${string}`; readonly account?: `0x${string}`; readonly runtimes?: string[] };
  /** Facts that the bundle leaves out. */
  readonly told?: (facts: Facts) => Facts;
}

/** A device at a site where everything is right, but for what `site` says. */
function start(name: string, attack: string, expect: string, site: Site = {}, source?: string): Draft {
  const approved = site.approved ?? good;
  const profile = site.profile ?? goodProfile;
  const device: DeviceRecord = {
    account: DEVICE,
    kind: 'edge',
    group: GROUP,
    status: 'active',
    profile: digestOf(profile),
    ...site.device,
  };
  const record: ConfigurationRecord = {
    resource: RESOURCE,
    version: 3n,
    digest: digestOf(approved),
    group: GROUP,
    status: 'active',
    ...site.record,
  };
  const { resource = RESOURCE, account = DEVICE, runtimes } = site.asks ?? {};
  const facts: Facts = {
    heads: 'record' in site && !site.record ? [] : [record],
    devices: 'device' in site && !site.device ? [] : [device],
  };
  const absent = {
    heads: facts.heads?.some((one) => one.resource === resource) ? [] : [resource],
    devices: facts.devices?.some((one) => one.account === account) ? [] : [account],
  };
  const shownProfile = 'shownProfile' in site ? site.shownProfile : text(profile);
  return {
    name,
    attack,
    expect,
    ...(source !== undefined && { source }),
    bundle: site.told ? factsBundle(facts, { told: site.told(facts) }) : factsBundle(facts, { absent }),
    start: {
      resource,
      account,
      document: site.shown ?? text(approved),
      ...(shownProfile && { profile: shownProfile }),
      ...(site.lastSeen && { lastSeen: { version: site.lastSeen.version.toString(), digest: site.lastSeen.digest } }),
      ...(runtimes && { runtimes }),
    },
  };
}

const document = (spec: object = {}, metadata: object = {}): Site => ({
  approved: bytesOf(rawResource(spec, metadata)),
});
const schema = (name: string, attack: string, approved: Uint8Array | string, expect = 'SCHEMA'): Draft =>
  start(
    `approved-${name}`,
    attack,
    expect,
    { approved: typeof approved === 'string' ? utf8(approved) : approved },
    'key compromise: a publisher’s, and approvers who did not look',
  );
const spec = (name: string, attack: string, changes: object, metadata: object = {}, expect = 'SCHEMA') =>
  schema(name, attack, bytesOf(rawResource(changes, metadata)), expect);
const canonical = new TextDecoder().decode(good);
const north = rawResource({ placement: { labels: { site: 'north' } } });
const wireless = rawResource({ network: ['wifi', 'ble'] });
const bound = rawResource({ inputs: [{ id: 'temperature', mqtt: { topic: '{binding}' } }] });
const boundTo = (temperature: string): Site => ({
  approved: bytesOf(bound),
  profile: bytesOf(rawProfile({ bindings: { temperature } })),
});
const seen = (version: bigint, of: Digest = digest): Site => ({ lastSeen: { version, digest: of } });
const versioned = (version: number, lastSeen: Site['lastSeen']): Site => ({
  ...document({ version }),
  record: { version: BigInt(version) },
  ...(lastSeen && { lastSeen }),
});

const names: readonly (readonly [name: string, value: string])[] = [
  ['a-question-mark', 'barn?x'],
  ['a-hash', 'barn#x'],
  ['dots-and-a-slash', '../barn'],
  ['a-slash', 'barn/x'],
  ['an-encoded-slash', 'barn%2fx'],
  ['a-backslash', 'barn\\x'],
  ['a-null-byte', 'barn\0x'],
  ['a-newline', 'barn\nx'],
  ['a-space', 'barn x'],
  ['a-dot', '..'],
  ['capitals', 'Barn-Climate'],
  ['a-hyphen-at-its-end', 'barn-'],
  ['a-cyrillic-letter', 'b\u0430rn'],
  ['nothing', ''],
  ['64-letters', 'a'.repeat(64)],
];
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** Configurations that a device is asked to start. */
export const startFamily: Family = {
  family: 'start',
  about: 'Documents, profiles and records that a device is shown beside a bundle when it is to start a resource.',
  source: 'TUF: arbitrary software',
  drafts: [
    start('approved', 'None.', 'ok'),
    start('approved-again', 'None: the version that it runs already.', 'ok', seen(3n)),
    start('approved-after-an-older-one', 'None: a newer version.', 'ok', seen(1n, other)),
    start(
      'approved-as-far-as-may-be',
      'None: a thousand versions on.',
      'ok',
      versioned(1001, { version: 1n, digest: other }),
    ),
    start('without-a-profile', 'None: what needs no profile starts without one.', 'ok', {
      shownProfile: undefined,
      device: { profile: undefined },
    }),
    start('with-links', 'None: the profile has the links that the document needs.', 'ok', {
      approved: bytesOf(wireless),
      profile: bytesOf(rawProfile({ links: ['ble', 'serial', 'wifi'] })),
    }),
    start('with-labels', 'None: the profile has the labels that the document asks for.', 'ok', {
      approved: bytesOf(north),
      profile: bytesOf(rawProfile({ labels: { site: 'north' } })),
    }),
    start('with-bindings', 'None: the profile binds what the document leaves open.', 'ok', boundTo('box/3')),
    start('another-document', 'Another document than the approved one.', 'DIGEST_MISMATCH', {
      shown: text(bytesOf(rawResource({ store: { retention: '1h' } }))),
    }),
    start('a-bit-flipped', 'A bit of the document is flipped.', 'DIGEST_MISMATCH', {
      shown: { text: canonical.replace('barn/7', 'barn/6') },
    }),
    start(
      'another-salt',
      'The document under another salt.',
      'DIGEST_MISMATCH',
      { shown: { text: canonical.replace(SALT, `${SALT.slice(0, -1)}N`) } },
      'eavesdropping: guessing a small configuration',
    ),
    start('a-space-more', 'The same JSON with a space.', 'DIGEST_MISMATCH', {
      shown: { text: canonical.replace(':', ': ') },
    }),
    start('a-trailing-newline', 'The same document with a newline.', 'DIGEST_MISMATCH', {
      shown: { text: `${canonical}\n` },
    }),
    start(
      'cut-off',
      'The document without its last byte.',
      'DIGEST_MISMATCH',
      { shown: { text: canonical.slice(0, -1) } },
      'Uptane: partial bundle',
    ),
    start('nothing', 'No document.', 'DIGEST_MISMATCH', { shown: { edits: [] } }),
    start('the-profile-for-the-document', 'The profile in the document’s place.', 'DIGEST_MISMATCH', {
      shown: text(goodProfile),
    }),
    start(
      'an-extra-dependency',
      'A requirement is injected, so that the device fetches and starts more.',
      'DIGEST_MISMATCH',
      { shown: text(bytesOf(rawResource({ requires: [{ resource: 'miner' }] }))) },
      'TUF: extraneous dependencies',
    ),
    start(
      'a-dependency-removed',
      'A requirement is taken away, so that the resource starts before what it needs.',
      'DIGEST_MISMATCH',
      { ...document({ requires: [{ resource: 'weather' }] }), shown: text(good) },
      'TUF: extraneous dependencies',
    ),
    start('an-extra-outbound-address', 'An address is injected, to which the resource may send.', 'DIGEST_MISMATCH', {
      shown: text(bytesOf(rawResource({ outbound: ['https://evil.example/'] }))),
    }),
    start(
      'a-parser-bomb',
      'Lists within lists: no parser may see a byte before the digest is right.',
      'DIGEST_MISMATCH',
      { shown: { edits: [{ at: 0, insert: '5b', times: 90_000 }] } },
      'TUF: endless data',
    ),
    start(
      'endless',
      'A byte more than any document.',
      'ENDLESS_DATA',
      { shown: { edits: [{ at: 0, insert: '20', times: MAX_DOCUMENT_BYTES + 1 }] } },
      'TUF: endless data',
    ),
    start(
      'as-long-as-may-be',
      'As many bytes as a document may have, and not the approved ones.',
      'DIGEST_MISMATCH',
      { shown: { edits: [{ at: 0, insert: '20', times: MAX_DOCUMENT_BYTES }] } },
      'TUF: endless data',
    ),
    start('not-enrolled', 'A device that the ledger does not know.', 'NOT_ENROLLED', { device: undefined }),
    start('another-account', 'A device under another account than the enrolled one.', 'NOT_ENROLLED', {
      asks: { account: stranger },
    }),
    start('suspended', 'A stolen device that was suspended.', 'SUSPENDED', { device: { status: 'suspended' } }),
    start('retired', 'A device that was retired.', 'SUSPENDED', { device: { status: 'retired' } }),
    start('not-approved', 'A resource that the ledger knows no approved version of.', 'NOT_APPROVED', {
      record: undefined,
    }),
    start(
      'another-resources-record',
      'A record of another resource, and none of this one.',
      'NOT_APPROVED',
      { record: { resource: resourceIdOf({ tenant: 'greenfields', name: 'barn-light' }) } },
      'TUF: wrong software',
    ),
    start('revoked', 'A version that was revoked.', 'REVOKED', { record: { status: 'revoked' } }),
    start('revoked-and-seen', 'A revoked version that the device runs.', 'REVOKED', {
      record: { status: 'revoked' },
      ...seen(3n),
    }),
    start(
      'record-left-out',
      'The bundle leaves the record out, so that a revoked version goes on.',
      'NOT_PROVED',
      { told: ({ devices = [] }) => ({ devices }) },
      'TUF: drop requests',
    ),
    start(
      'device-left-out',
      'The bundle leaves the device out, so that a suspended one goes on.',
      'NOT_PROVED',
      { told: ({ heads = [] }) => ({ heads }) },
      'TUF: drop requests',
    ),
    start(
      'everything-left-out',
      'The bundle tells of nothing.',
      'NOT_PROVED',
      { told: () => ({}) },
      'TUF: drop requests',
    ),
    start(
      'of-another-resource',
      'The document of another resource, approved under this one’s record.',
      'WRONG_RESOURCE',
      document({}, { name: 'barn-light' }),
      'TUF: wrong software',
    ),
    start(
      'of-another-tenant',
      'The document of another tenant’s resource of the same name.',
      'WRONG_RESOURCE',
      document({}, { tenant: 'redfields' }),
      'TUF: wrong software',
    ),
    start(
      'asked-for-another-resource',
      'A good record and document, for another resource than the one to be started.',
      'NOT_APPROVED',
      { asks: { resource: resourceIdOf({ tenant: 'greenfields', name: 'barn-light' }) } },
      'TUF: wrong software',
    ),
    start(
      'older-document-newer-record',
      'An older version’s document under a newer record.',
      'MIX_AND_MATCH',
      { record: { version: 4n } },
      'TUF: mix-and-match',
    ),
    start(
      'newer-document-older-record',
      'A newer version’s document under an older record.',
      'MIX_AND_MATCH',
      { record: { version: 2n } },
      'TUF: mix-and-match',
    ),
    start(
      'version-2-to-the-64',
      'A compromised publisher takes the last version, after which nothing newer can come.',
      'MIX_AND_MATCH',
      { record: { version: 2n ** 64n - 1n } },
      'TUF: fast-forward',
    ),
    start(
      'version-beyond-exact-numbers',
      'A version that JSON would round to the document’s.',
      'MIX_AND_MATCH',
      { ...document({ version: Number.MAX_SAFE_INTEGER }), record: { version: 2n ** 53n } },
      'TUF: fast-forward',
    ),
    start(
      'document-of-another-group',
      'A document for another group’s devices.',
      'WRONG_GROUP',
      document({ group: 'barn-8' }),
      'TUF: wrong software',
    ),
    start(
      'record-of-another-group',
      'A record for another group’s devices.',
      'WRONG_GROUP',
      { record: { group: OTHER_GROUP } },
      'TUF: wrong software',
    ),
    start(
      'device-of-another-group',
      'A device that was moved to another group.',
      'WRONG_GROUP',
      { device: { group: OTHER_GROUP } },
      'TUF: wrong software',
    ),
    start(
      'document-and-record-of-another-group',
      'A document and record for another group’s devices.',
      'WRONG_GROUP',
      { ...document({ group: 'barn-8' }), record: { group: OTHER_GROUP } },
      'TUF: wrong software',
    ),
    start(
      'group-of-another-tenant',
      'A record for a group of another tenant of the same name.',
      'WRONG_GROUP',
      { record: { group: groupIdOf({ tenant: 'redfields', name: 'barn-7' }) } },
      'TUF: wrong software',
    ),
    start(
      'older-than-seen',
      'A record older than the one that the device accepted.',
      'ROLLBACK',
      seen(4n, other),
      'TUF: rollback',
    ),
    start('older-than-seen-by-far', 'A record far older.', 'ROLLBACK', seen(2n ** 63n), 'TUF: rollback'),
    start(
      'older-than-seen-with-its-digest',
      'A record older by one, of the digest that was seen last.',
      'ROLLBACK',
      seen(4n),
      'TUF: rollback',
    ),
    start(
      'another-document-of-the-same-version',
      'Another document under the version that the device accepted.',
      'EQUIVOCATION',
      seen(3n, other),
      'equivocation',
    ),
    start(
      'too-far-ahead',
      'A version 1,001 above the one that the device accepted.',
      'FAST_FORWARD',
      versioned(1002, { version: 1n, digest: other }),
      'TUF: fast-forward',
    ),
    start(
      'too-far-ahead-by-far',
      'A version as high as JSON can say.',
      'FAST_FORWARD',
      versioned(Number.MAX_SAFE_INTEGER, { version: 1n, digest: other }),
      'TUF: fast-forward',
    ),
    start('another-runtime', 'A runtime that the device can’t host.', 'UNSUPPORTED', {
      asks: { runtimes: ['script'] },
    }),
    start(
      'a-promise-not-kept',
      'An exclusive lease, which this release would not keep.',
      'UNSUPPORTED',
      document({ exclusive: true }),
    ),
    start(
      'encrypted-coap',
      'A coaps: address, which this release would not encrypt.',
      'UNSUPPORTED',
      document({ inputs: [{ id: 'temperature', coap: { uri: 'coaps://10.0.7.9/t' } }] }),
    ),
    start('a-label-lacking', 'A label that the profile lacks.', 'WRONG_DEVICE', { approved: bytesOf(north) }),
    start('another-label', 'A label that the profile has with another value.', 'WRONG_DEVICE', {
      approved: bytesOf(north),
      profile: bytesOf(rawProfile({ labels: { site: 'south' } })),
    }),
    start(
      'an-inherited-label',
      'A label that every JavaScript object inherits.',
      'WRONG_DEVICE',
      document({ placement: { labels: { constructor: 'x' } } }),
    ),
    start('a-link-lacking', 'A link that the profile lacks.', 'WRONG_DEVICE', {
      approved: bytesOf(wireless),
      profile: bytesOf(rawProfile({ links: ['wifi'] })),
    }),
    start('profile-withheld', 'The profile is withheld, so that no label stands in the way.', 'WRONG_DEVICE', {
      approved: bytesOf(north),
      profile: bytesOf(rawProfile({ labels: { site: 'north' } })),
      shownProfile: undefined,
    }),
    start('profile-not-on-the-ledger', 'A profile is shown for a device that has none on the ledger.', 'WRONG_DEVICE', {
      approved: bytesOf(north),
      device: { profile: undefined },
      profile: bytesOf(rawProfile({ labels: { site: 'north' } })),
    }),
    start('another-profile', 'Another profile than the approved one.', 'DIGEST_MISMATCH', {
      shownProfile: text(bytesOf(rawProfile({ links: ['wifi'] }))),
    }),
    start(
      'endless-profile',
      'A profile of a byte more than any document.',
      'ENDLESS_DATA',
      { shownProfile: { edits: [{ at: 0, insert: '20', times: MAX_DOCUMENT_BYTES + 1 }] } },
      'TUF: endless data',
    ),
    start('document-for-a-profile', 'A resource’s document approved as a profile.', 'SCHEMA', { profile: good }),
    start('profile-for-a-document', 'A profile approved as a resource’s document.', 'SCHEMA', {
      approved: goodProfile,
    }),
    start('nothing-bound', 'An input that the profile does not bind.', 'UNBOUND', { approved: bytesOf(bound) }),
    start(
      'bound-to-a-wildcard-in-the-middle',
      'An input bound to a topic that takes in too much.',
      'UNBOUND',
      boundTo('#/x'),
    ),
    start('bound-to-the-brokers-own', 'An input bound to the broker’s own topics.', 'UNBOUND', boundTo('$SYS/x')),
    start('action-bound-to-a-wildcard', 'An action bound to a wildcard, so that it sets all vents.', 'UNBOUND', {
      approved: bytesOf(rawResource({ actions: [{ id: 'vent', mqtt: { topic: '{binding}' } }] })),
      profile: bytesOf(rawProfile({ bindings: { vent: 'barn/+/vent' } })),
    }),
    start('bound-to-another-scheme', 'An input bound to a file.', 'UNBOUND', {
      approved: bytesOf(rawResource({ inputs: [{ id: 'temperature', http: { uri: '{binding}', every: '10s' } }] })),
      profile: bytesOf(rawProfile({ bindings: { temperature: 'file:///etc/passwd' } })),
    }),
    ...(
      [
        ['coap-input', { inputs: [{ id: 'x', coap: { uri: '{binding}' } }], views: [] }],
        [
          'ble-input',
          {
            inputs: [
              {
                id: 'x',
                ble: {
                  address: '{binding}',
                  service: '0000181a-0000-1000-8000-00805f9b34fb',
                  characteristic: '00002a6e-0000-1000-8000-00805f9b34fb',
                },
              },
            ],
            views: [],
          },
        ],
        ['coap-action', { actions: [{ id: 'x', coap: { uri: '{binding}' } }] }],
        ['http-action', { actions: [{ id: 'x', http: { uri: '{binding}' } }] }],
      ] as const
    ).map(([name, changes]) =>
      start(`${name}-bound-to-something-else`, 'An address bound to something of another form.', 'UNBOUND', {
        approved: bytesOf(rawResource(changes)),
        profile: bytesOf(rawProfile({ bindings: { x: 'file:///etc/passwd' } })),
      }),
    ),
    start('bound-by-inheritance', 'An input named as what every JavaScript object inherits.', 'UNBOUND', {
      approved: bytesOf(rawResource({ inputs: [{ id: 'constructor', mqtt: { topic: '{binding}' } }], views: [] })),
    }),
    ...names.map(([name, value]) =>
      spec(
        `resource-name-with-${name}`,
        'A name that would lead elsewhere in a path, a URL or a topic.',
        {},
        { name: value },
      ),
    ),
    ...names
      .slice(0, 5)
      .map(([name, value]) =>
        spec(`group-name-with-${name}`, 'A group’s name that would lead elsewhere.', { group: value }),
      ),
    ...names
      .slice(0, 5)
      .map(([name, value]) =>
        spec(`tenant-name-with-${name}`, 'A tenant’s name that would lead elsewhere.', {}, { tenant: value }),
      ),
    ...names.slice(0, 5).map(([name, value]) =>
      spec(`view-name-with-${name}`, 'A view’s name that would lead elsewhere in its URL.', {
        views: [{ id: value, input: 'temperature', latest: true }],
      }),
    ),
    ...names.slice(0, 3).map(([name, value]) =>
      spec(`requirement-with-${name}`, 'A required resource’s name that would lead elsewhere.', {
        requires: [{ resource: value }],
      }),
    ),
    spec('requirement-of-itself', 'A resource that requires itself.', { requires: [{ resource: 'barn-climate' }] }),
    spec('requirement-twice', 'One requirement twice.', {
      requires: [{ resource: 'weather' }, { resource: 'weather' }],
    }),
    spec('requirements-without-end', '65 requirements.', {
      requires: Array.from({ length: 65 }, (_, index) => ({ resource: `r${index}` })),
    }),
    spec('unknown-field', 'A field that this release does not know: a limit, perhaps.', { sandbox: false }),
    spec('version-0', 'A version before the first.', { version: 0 }),
    spec('version-as-text', 'A version that is text.', { version: '3' }),
    spec('version-of-a-half', 'A version of three and a half.', { version: 3.5 }),
    spec('a-short-salt', 'A salt that can be guessed.', { salt: 'abc' }),
    spec('an-input-twice', 'Two inputs of one name.', {
      inputs: [
        { id: 'temperature', mqtt: { topic: 'a' } },
        { id: 'temperature', mqtt: { topic: 'b' } },
      ],
    }),
    spec('a-topic-of-the-broker', 'An input from the broker’s own topics.', {
      inputs: [{ id: 'temperature', mqtt: { topic: '$SYS/broker' } }],
    }),
    spec('a-topic-with-a-null-byte', 'A topic with a zero byte.', {
      inputs: [{ id: 'temperature', mqtt: { topic: 'barn\0' } }],
    }),
    spec('outbound-with-dots', 'An address whose path leads out of what it names.', {
      outbound: ['https://weather.example/v1/../admin'],
    }),
    spec('outbound-with-encoded-dots', 'The same, encoded.', { outbound: ['https://weather.example/v1/%2e%2e/admin'] }),
    spec('outbound-with-credentials', 'An address that only looks like another host.', {
      outbound: ['https://weather.example@evil.example/'],
    }),
    spec('outbound-to-a-file', 'A file in the place of an address.', { outbound: ['file:///etc/passwd'] }),
    spec('outbound-with-a-backslash', 'A backslash, which some readers take for a slash.', {
      outbound: ['https://weather.example\\@evil.example/'],
    }),
    spec('a-secret-with-a-path', 'A secret’s name that leads out of its folder.', { secrets: ['../key'] }),
    spec('an-unknown-placeholder', 'A placeholder that would be left as it stands.', {
      inputs: [{ id: 'temperature', mqtt: { topic: '{tenant}/t' } }],
    }),
    schema('no-json', 'Bytes that are no JSON.', 'hello'),
    schema('no-utf-8', 'Text that is cut within a letter.', Uint8Array.from([...good.subarray(0, -1), 0xc3])),
    schema('an-empty-object', 'An object of nothing.', '{}'),
    schema('null-itself', 'Null.', 'null'),
    schema(
      'another-form',
      'The same JSON with line breaks: a second document of the same meaning.',
      JSON.stringify(rawResource(), undefined, 1),
    ),
    schema(
      'another-order',
      'The same JSON with its keys in another order.',
      canonical.replace('"apiVersion":"dewproof/v1",', '').replace(/\}$/, ',"apiVersion":"dewproof/v1"}'),
    ),
    schema(
      'a-key-twice',
      'A key twice: readers differ over which of them counts.',
      canonical.replace('"version":3', '"version":3,"version":3'),
    ),
    schema('number-in-another-form', 'A number in another form.', canonical.replace('"version":3', '"version":3.0')),
    schema('a-byte-order-mark', 'A byte-order mark before the document.', Uint8Array.from([0xef, 0xbb, 0xbf, ...good])),
    schema(
      'a-proto-key',
      'A key that would change what every object inherits.',
      canonical.replace('"metadata":{', '"metadata":{"__proto__":{"x":1},'),
    ),
    schema('a-lone-surrogate', 'Text that is no Unicode.', canonical.replace('barn/7/temperature', '\\ud800')),
    schema('seventeen-levels', 'One level too deep.', nested(17), 'TOO_DEEP'),
    schema('sixteen-levels', 'As deep as may be, and no document.', nested(16)),
    schema(
      'another-api-version',
      'A document of a version that this release does not know.',
      bytesOf({ ...rawResource(), apiVersion: 'dewproof/v2' }),
    ),
    schema(
      'another-kind',
      'A document of a kind that this release does not know.',
      bytesOf({ ...rawResource(), kind: 'Break-glass' }),
    ),
  ],
};
