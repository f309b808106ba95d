import { globSync } from 'node:fs';

/** The folders that a driver needs beside this one. */
export const copied = ['core', 'chain', 'edge', 'platform', 'test/attacks', 'package.json'] as const;

/** Sources of checks that vectors are held against, and which families to begin with for each. */
const checked: readonly (readonly [pattern: string, families: string])[] = [
  ['chain/light/bundle/{decode-bundle,read-cbor,scan-cbor}.ts', 'frame'],
  ['chain/light/check-bundle.ts', 'witnesses,time,account'],
  ['chain/light/crypto/is-signed-by.ts', 'rotation'],
  ['chain/light/crypto/{native-recover,seal-form}.ts', 'seals'],
  ['chain/light/facts/{prove-facts,read-slots,unpack-slots}.ts', 'facts,trie'],
  ['chain/light/hex.ts', 'trie'],
  ['chain/light/open-state.ts', 'start,facts,access'],
  ['chain/light/qbft/{extra-data,header,header-hash}.ts', 'headers,quorum'],
  ['chain/light/qbft/{element-slots,follow-named,read-named,verify-listless}.ts', 'contract'],
  ['chain/light/qbft/{count-header,follow-validators,same-set,tally-votes,verify-after}.ts', 'validators,contract'],
  ['chain/light/qbft/verify-qbft.ts', 'validators,headers,contract'],
  ['chain/light/qbft/{recover-sealers,verify-seals}.ts', 'quorum,validators,contract'],
  ['chain/light/read-account.ts', 'account'],
  ['chain/light/rlp.ts', 'headers,trie'],
  ['chain/light/trie/*.ts', 'trie,account'],
  ['chain/light/witness/{verify-note,verify-witnessed}.ts', 'witnesses'],
  ['chain/light/witness/verify-nonce-notes.ts', 'nonce'],
  ['chain/light/{verify-checkpoint,verify-way}.ts', 'checkpoint'],
  ['core/low-s.ts', 'rotation'],
  ['core/policy.ts', 'access,freshness'],
  ['core/state/{anchor,finality}.ts', 'anchors'],
  ['core/state/{anchor-message,plan-anchors,signed-anchor,verify-next-anchor}.ts', 'rotation'],
  ['core/state/{freshness,merge-states}.ts', 'freshness'],
  ['core/state/quorum.ts', 'quorum'],
  ['core/wire/anchors.ts', 'rotation'],
  ['core/{verify,verify-placement-labels,verify-profile-links,resolve-bindings,labels}.ts', 'start'],
  ['core/document/{parse-document,verify-shape}.ts', 'start'],
  ['edge/**/accept-bundle.ts', 'history'],
];

/** Every file of the checker under `root`, with its families. */
export function checkerFiles(root: string): readonly { readonly file: string; readonly families: string }[] {
  return checked.flatMap(([pattern, families]) => {
    const files = globSync(pattern, { cwd: root }).sort();
    if (files.length === 0) throw new TypeError(`no file is ${pattern}`);
    return files.map((file) => ({ file, families }));
  });
}
