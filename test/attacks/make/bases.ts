import { accountSubject } from '../../../core/ids.ts';
import { NEVER } from '../../../core/policy.ts';
import { resources, role } from '../../support/test-registry.ts';
import { digestOf } from '../../../core/digest.ts';
import { bytesOf, rawProfile, rawResource } from '../../core/support/samples.ts';
import { DEVICE, GROUP, RESOURCE } from '../../core/support/site.ts';
import { agingGrant, CALLER } from './aging.ts';
import { factsBundle } from './facts.ts';
import { accountsOf, four, qbftBundle, witnessBundle } from '../../support/test-bundles.ts';
import { elementsOf, namedChange } from '../../support/test-named.ts';
import { at, head, headerAt, quorum, withHeader } from './sealed.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const recipient = at(four, 3).account;
const votes = [200n, 201n, 205n].map((height, index) =>
  headerAt(height, {
    set: four,
    sealers: quorum(four),
    vote: { recipient, adds: false },
    coinbase: at(four, index).account,
  }),
);

const document = bytesOf(rawResource());
const record = { resource: RESOURCE, version: 3n, digest: digestOf(document), group: GROUP, status: 'active' } as const;
const device = {
  account: DEVICE,
  kind: 'edge',
  group: GROUP,
  status: 'active',
  profile: digestOf(bytesOf(rawProfile())),
} as const;
const siteBundle = factsBundle({ heads: [record], devices: [device] });

/** As the family `freshness` asks of it: all actions, marked offline, and to a role. */
const agingBundles = [
  { grants: [agingGrant()] },
  { grants: [agingGrant({ offline: true })] },
  { grants: [agingGrant({ subject: role })], members: [{ role, account: CALLER, until: NEVER }] },
].map((facts) => factsBundle(facts));

const grantedBundle = factsBundle({
  grants: [
    {
      resource: resources[0],
      subject: accountSubject(`0x${'ee'.repeat(20)}`),
      actions: ['read'],
      offline: false,
      expiresAt: NEVER,
    },
  ],
});

/** The bytes that vectors name. */
export const byteBases: Readonly<Record<string, string>> = {
  'four-validators': hex(qbftBundle(four)),
  'four-to-three-by-votes': hex(withHeader(head({ set: four.slice(0, 3) }), votes)),
  'four-to-three-by-contract': hex(
    withHeader(head({ set: [], sealers: four.slice(0, 2), coinbase: at(four, 0).account }), [
      namedChange(200n, { elements: elementsOf(accountsOf(four.slice(0, 3))) }, { sealers: quorum(four) }),
    ]),
  ),
  site: hex(siteBundle),
  granted: hex(grantedBundle),
  ...Object.fromEntries(agingBundles.map((bundle, index) => [`aging-${index}`, hex(bundle)])),
  'three-witnesses': hex(witnessBundle()),
};
