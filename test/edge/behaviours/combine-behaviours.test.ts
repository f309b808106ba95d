import { expect, test } from 'vitest';
import { verifyConfiguration } from '../../../core/verify.ts';
import type { StartBehaviour } from '../../../edge/behaviours/behaviour.ts';
import { combineBehaviours } from '../../../edge/behaviours/combine-behaviours.ts';
import { rawResource } from '../../core/support/samples.ts';
import { questionAt } from '../../core/support/site.ts';
import { createTestReach } from '../support/test-reach.ts';

const dropping =
  (counts: Readonly<Record<string, number>>): StartBehaviour =>
  () =>
    Promise.resolve({
      probe: () => Promise.resolve(),
      takeOver: () => Promise.resolve(),
      deliver: () => undefined,
      computeView: undefined,
      dropped: () => counts,
      stop: () => Promise.resolve(),
    });

test('what several kinds of logic dropped for the same reason is counted together', async () => {
  const start = combineBehaviours([dropping({ UNHEALTHY: 2, 'queue-full': 1 }), dropping({ UNHEALTHY: 3 })]);
  const combined = await start({
    configuration: verifyConfiguration(questionAt({ document: rawResource() })),
    artifacts: new Map(),
    reach: createTestReach(),
    signal: new AbortController().signal,
    onFailure: () => undefined,
  });
  expect(combined.dropped()).toEqual({ UNHEALTHY: 5, 'queue-full': 1 });
});
