import { setTimeout } from 'dewproof';

function again() {
  setTimeout(again, 0);
  for (let step = 0; step < 10_000_000; step += 1);
}

export function onStart() {
  again();
}
