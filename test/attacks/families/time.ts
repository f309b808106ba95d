import {
  accountsOf,
  bundleOf,
  four,
  HEIGHT,
  qbftAnchor,
  qbftBundle,
  tamper,
  witnessAnchor,
  witnessBundle,
  witnesses,
} from '../../support/test-bundles.ts';
import { baseHeader } from '../../support/test-bundles.ts';
import { sealAsQbft } from '../../support/test-validators.ts';
import { noteOn } from '../../support/test-witnesses.ts';
import { integerBytes } from '../../../chain/light/rlp.ts';
import type { Draft, Family } from '../make/draft.ts';

const time = 1_700_000_000n + HEIGHT;
const year = 365n * 86_400n;
const anchor = witnessAnchor();
const sealed = qbftBundle(four);

const at = (
  name: string,
  attack: string,
  expect: string,
  now: bigint,
  bundle = sealed,
  rest: Partial<Draft> = {},
): Draft => ({ name, attack, expect, now, bundle, ...rest });
const ahead = 'PROOF_INVALID/time-ahead';
const sealedAt = (when: bigint) =>
  bundleOf(
    {
      header: sealAsQbft(
        baseHeader,
        { validators: accountsOf(four), sealers: four.slice(0, 3) },
        { 11: integerBytes(when) },
      ),
      changes: [],
      note: undefined,
    },
    qbftAnchor(four),
  );
const signedAt = (...times: readonly bigint[]) => {
  const note = noteOn(baseHeader, { anchor, signers: witnesses.slice(0, times.length), times });
  return tamper(witnessBundle(), () => ({ note }));
};
const noted = { anchor: 'witnesses' } as const;

/** Blocks and notes of the future. */
export const timeFamily: Family = {
  family: 'time',
  about: 'Blocks ahead of a clock that the device believes, and no clock at all (now is 0).',
  source: 'false time: winding a device’s time forward, so that it takes every true block for stale',
  drafts: [
    at('in-step', 'None: the clock is a second ahead.', 'ok', time + 1n),
    at('clock-behind-by-ten-minutes', 'None: operators’ clocks differ by as much as ten minutes.', 'ok', time - 600n),
    at('clock-behind-by-more', 'A block more than ten minutes ahead of the clock.', ahead, time - 601n),
    at('clock-behind-by-ten-years', 'A block ten years ahead of a clock that is believed.', ahead, time - 10n * year),
    at('clock-at-the-epoch', 'A clock that is believed, and says 1970.', ahead, 1n),
    at('no-clock', 'None: a device without a clock takes no block to be ahead.', 'ok', 0n, sealed, {
      proves: { attestedAt: time.toString() },
    }),
    at(
      'clock-ahead-by-ten-years',
      'None: how old a block is, whoever uses it judges.',
      'ok',
      time + 10n * year,
      sealed,
      { proves: { attestedAt: time.toString() } },
    ),
    at(
      'sealed-ten-years-ahead',
      'A colluding quorum winds the time forward by ten years.',
      ahead,
      time,
      sealedAt(time + 10n * year),
    ),
    at('sealed-at-the-end-of-time', 'A block of the year 584 billion.', ahead, time, sealedAt(2n ** 64n - 1n)),
    at(
      'sealed-at-the-end-of-time-without-a-clock',
      'None that could be seen without a clock: a quorum says so.',
      'ok',
      0n,
      sealedAt(2n ** 64n - 1n),
      { proves: { attestedAt: (2n ** 64n - 1n).toString() } },
    ),
    at('sealed-before-the-epoch', 'None: a block of time 0.', 'ok', time, sealedAt(0n), {
      proves: { attestedAt: '0' },
    }),
    at('note-in-step', 'None: witnesses signed a second ago.', 'ok', time + 1n, signedAt(time, time), noted),
    at(
      'note-long-after-its-block',
      'None: witnesses sign an idle chain’s head again.',
      'ok',
      time + year,
      signedAt(time + year, time + year),
      { ...noted, proves: { height: '500', attestedAt: (time + year).toString() } },
    ),
    at(
      'note-ahead-by-ten-minutes',
      'None: witnesses’ clocks differ by as much as ten minutes.',
      'ok',
      time,
      signedAt(time + 600n, time + 600n),
      noted,
    ),
    at(
      'note-ahead-by-more',
      'A note more than ten minutes ahead of the clock.',
      ahead,
      time,
      signedAt(time + 601n, time + 601n),
      noted,
    ),
    at(
      'note-ahead-by-one-liar',
      'None: one of three witnesses lies, and its time does not count.',
      'ok',
      time,
      signedAt(time, time + year),
      { ...noted, proves: { attestedAt: time.toString() } },
    ),
    at(
      'note-old-and-block-ahead',
      'A block ahead of the clock under a note that is not.',
      ahead,
      time - 700n,
      signedAt(time - 800n, time - 800n),
      noted,
    ),
    at(
      'note-ahead-without-a-clock',
      'None that could be seen without a clock.',
      'ok',
      0n,
      signedAt(time + year, time + year),
      { ...noted, proves: { attestedAt: (time + year).toString() } },
    ),
  ],
};
