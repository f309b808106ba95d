import type { RequestHandler } from 'express';
import { parseAccount } from '../../core/account.ts';
import { digestOf } from '../../core/digest.ts';
import { DewproofError } from '../../core/errors.ts';
import { verifyDevice } from '../verify-caller.ts';
import { offerOf, type DewRoutesDeps } from './dew-routes.ts';
import { callerOf, parameter, sendTagged } from './parameters.ts';

/** `GET /v1/assignments/{account}`: what that very device is to run. */
export function answerAssignments(deps: DewRoutesDeps): RequestHandler {
  return (request, response) => {
    const account = parseAccount(parameter(request, 'account'));
    const offer = offerOf(deps);
    const device = verifyDevice(callerOf(response, { offer, clock: deps.clock }));
    if (device.account !== account) {
      throw new DewproofError('FORBIDDEN', 'A device is told its own assignments only; sign as the device.');
    }
    if (!offer.plans.has(device.group)) {
      throw new DewproofError('WRONG_GROUP', "This dew does not serve the device's group; ask the dew that does.");
    }
    const rollouts = deps.rollouts.notesFor(device, offer.known.state);
    const bytes = Buffer.from(JSON.stringify({ ...deps.provisioning.assignmentsOf(account), rollouts }));
    sendTagged({ request, response }, { tag: digestOf(bytes), type: 'application/json', bytes });
  };
}
