import { describe, expect, test } from 'vitest';
import { canonicalBytes } from '../../../core/document/canonical.ts';
import { parseDocument } from '../../../core/document/parse-document.ts';
import { planVersion } from '../../../core/document/seal-version.ts';
import { codeOf } from '../support/code-of.ts';
import { draft, profile, profileDraft, resource, SALT } from '../support/samples.ts';

const salt = 'ZnJlc2ggc2l4dGVlbiBieXRlcw';
const previous = resource();
const changed = { group: 'barn-8' };

describe('planVersion', () => {
  test('begins with version 1 and the given salt', () => {
    expect(planVersion({ draft: draft(), previous: undefined, salt })).toMatchObject({
      document: { spec: { version: 1, salt } },
    });
  });

  test('answers unchanged where nothing but version and salt could differ', () => {
    expect(planVersion({ draft: draft(), previous, salt })).toEqual({ unchanged: true });
    expect(planVersion({ draft: previous, previous, salt })).toEqual({ unchanged: true });
    const stated = draft({ version: previous.spec.version });
    expect(planVersion({ draft: stated, previous, salt })).toEqual({ unchanged: true });
  });

  test('takes the next version and the new salt for any change', () => {
    expect(planVersion({ draft: draft(changed), previous, salt })).toMatchObject({
      document: { spec: { version: 4, salt } },
    });
    const labelled = draft({}, { labels: { crop: 'tomato' } });
    expect(planVersion({ draft: labelled, previous, salt })).toMatchObject({ document: { spec: { version: 4 } } });
  });

  test('takes what the draft states, a stated salt alone being a change', () => {
    const stated = planVersion({ draft: draft({ ...changed, version: 9, salt: SALT }), previous, salt });
    expect(stated).toMatchObject({ document: { spec: { version: 9, salt: SALT } } });
    const salted = planVersion({ draft: draft({ salt }), previous, salt: SALT });
    expect(salted).toMatchObject({ document: { spec: { version: 4, salt } } });
  });

  test('republishes an unchanged draft under a newer stated version', () => {
    const stated = draft({ version: 5 });
    expect(planVersion({ draft: stated, previous, salt })).toMatchObject({ document: { spec: { version: 5, salt } } });
  });

  test('goes past a newer version that the ledger has seen, as after a revocation', () => {
    const plan = planVersion({ draft: draft(), previous: undefined, newest: 7, salt });
    expect(plan).toMatchObject({ document: { spec: { version: 8, salt } } });
  });

  test.each([1, 3])('refuses a change under version %i, which is taken', (version) => {
    expect(codeOf(() => planVersion({ draft: draft({ ...changed, version }), previous, salt }))).toBe(
      'VERSION_NOT_NEWER',
    );
  });

  test('refuses a stated version that the ledger has seen', () => {
    const question = { draft: draft({ ...changed, version: 7 }), previous, newest: 7, salt };
    expect(codeOf(() => planVersion(question))).toBe('VERSION_NOT_NEWER');
  });

  test('plans profiles alike, and what it plans is a document', () => {
    expect(planVersion({ draft: profileDraft(), previous: profile(), salt })).toEqual({ unchanged: true });
    const plan = planVersion({ draft: profileDraft(), previous: undefined, salt });
    if ('unchanged' in plan) throw new Error('expected a document');
    expect(parseDocument(canonicalBytes(plan.document)).document).toEqual(plan.document);
  });
});
