import type { ClockOpinion } from '../../edge/state/device-clock.ts';
import { ok, warning, type Finding } from './finding.ts';

/** What a running edge thinks of its host's clock; nothing where none runs. One that it does not believe it goes on without. */
export function checkDeviceClock(clock: ClockOpinion | undefined): readonly Finding[] {
  if (clock === undefined) return [];
  const { host, device, credible, why, told } = clock;
  if (credible) return [ok('clock', `the edge finds it right as far as is known${told ? ', as witnesses told' : ''}`)];
  return [
    warning('clock', {
      detail: `the edge does not believe it: it says ${host}, ${why}; it is ${device} or later`,
      remedy: 'set the clock, or start a time service; the edge goes on meanwhile by the time that it knows of',
    }),
  ];
}
