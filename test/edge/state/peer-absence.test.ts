import { expect, test } from 'vitest';
import { DewproofError, type ErrorCode } from '../../../core/errors.ts';
import { createRefusals } from '../../../edge/refusals.ts';
import { watchPeerAbsence } from '../../../edge/state/peer-absence.ts';
import { createLog } from '../../../platform/log.ts';

const north = 'http://10.0.7.2:8480';
const south = 'http://10.0.7.3:8480';

function open() {
  const time = { ms: 0 };
  const log = createLog({ name: 'test', level: 'silent' }, { write: () => undefined });
  const refusals = createRefusals({ clock: () => 0, log });
  const hear = watchPeerAbsence({ patienceMs: 60_000, elapsedMs: () => time.ms, refusals });
  const answers = (server: string, code?: ErrorCode): void => {
    hear({ server, error: code && new DewproofError(code, 'Told.') });
  };
  const told = () => refusals.list().map(({ about, code }) => `${about} ${code}`);
  return { time, answers, told };
}

test('a peer that starts a little later than this edge is nothing to tell of', () => {
  const { time, answers, told } = open();
  for (const ms of [0, 30_000, 59_999]) {
    time.ms = ms;
    answers(north, 'DEW_UNAVAILABLE');
    expect(told()).toEqual([]);
  }
  answers(north);
  time.ms = 200_000;
  // Gone again: the minute begins anew.
  answers(north, 'DEW_UNAVAILABLE');
  expect(told()).toEqual([]);
});

test('one that stays away is told of, and no more once it is back, be it with something wrong', () => {
  const { time, answers, told } = open();
  answers(north, 'DEW_UNAVAILABLE');
  answers(south, 'DEW_UNAVAILABLE');
  time.ms = 60_000;
  answers(north, 'DEW_UNAVAILABLE');
  answers(south, 'DEW_UNAVAILABLE');
  expect(told()).toEqual([`${north} DEW_UNAVAILABLE`, `${south} DEW_UNAVAILABLE`]);
  answers(north);
  answers(south, 'ENDLESS_DATA');
  expect(told()).toEqual([`${south} ENDLESS_DATA`]);
});

test('whatever else one does is told of at once', () => {
  const { answers, told } = open();
  answers(north, 'SLOW_RETRIEVAL');
  expect(told()).toEqual([`${north} SLOW_RETRIEVAL`]);
});
