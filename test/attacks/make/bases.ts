import { four, qbftBundle, witnessBundle } from '../../support/test-bundles.ts';
import { at, head, headerAt, quorum, withHeader } from './sealed.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const recipient = at(four, 3).account;
const votes = [200n, 201n, 205n].map((height, index) =>
  headerAt(height, { set: four, sealers: quorum(four), vote: { recipient, adds: false }, coinbase: at(four, index).account }),
);

/** The bytes that vectors name. */
export const byteBases: Readonly<Record<string, string>> = {
  'four-validators': hex(qbftBundle(four)),
  'four-to-three-by-votes': hex(withHeader(head({ set: four.slice(0, 3) }), votes)),
  'three-witnesses': hex(witnessBundle()),
};
