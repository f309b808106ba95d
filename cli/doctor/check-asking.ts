import { z } from 'zod';
import type { Anchor } from '../../core/state/anchor.ts';
import { planAsking } from '../dew/ask-witnesses.ts';
import type { HomeConfig } from '../home/config.ts';
import { failure, warning, type Finding } from './finding.ts';

const REMEDY = 'name where they answer under witnesses in config.yaml (a dew that runs reads it again by itself)';

/** What keeps a dew that does not run from asking the witnesses of its home's anchor; nothing where all can be asked. */
export function checkAsking({ finality }: Anchor, { witnesses }: HomeConfig): readonly Finding[] {
  if (finality.kind !== 'witnesses') return [];
  const { unasked, tooFew } = planAsking(finality, witnesses);
  if (unasked.length === 0) return [];
  const detail = `config.yaml does not say where these of the anchor answer: ${unasked.join(', ')}`;
  return [(tooFew ? failure : warning)('witness', { detail, remedy: REMEDY })];
}

const statusSchema = z.looseObject({
  anchorVersion: z.int(),
  bundles: z.looseObject({ unasked: z.array(z.string()) }).nullable(),
});

/** The same of a dew that runs, by its status: its anchor may be newer than its home's. */
export function checkAsked(status: unknown): readonly Finding[] {
  const parsed = statusSchema.safeParse(status);
  const unasked = parsed.data?.bundles?.unasked ?? [];
  if (unasked.length === 0) return [];
  const detail = `the dew does not know where these of its anchor (version ${parsed.data?.anchorVersion}) answer: ${unasked.join(', ')}`;
  return [warning('witness', { detail, remedy: REMEDY })];
}
