// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Tenant} from "./Tenant.t.sol";
import {vm} from "./Vm.t.sol";
import {PoliciesHandler} from "./handlers/PoliciesHandler.t.sol";

contract PoliciesInvariants is Tenant {
    PoliciesHandler private _handler;

    function setUp() public override {
        super.setUp();
        _handler = new PoliciesHandler(registry, clerk);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev No grant, no access: for every caller, resource and action the registry agrees with the handler's lists.
    function invariant_OnlyWhatIsGrantedIsAllowed() external view {
        for (uint256 which = 0; which < 3; ++which) {
            for (uint256 what = 0; what < 4; ++what) {
                for (uint8 action = 1; action < 16; action *= 2) _compare(which, what, action);
            }
        }
    }

    function _compare(uint256 which, uint256 what, uint8 action) private view {
        address account = _handler.accountAt(which);
        bytes32 resource = _handler.resourceAt(what);
        bytes32[] memory claims = new bytes32[](5);
        for (uint256 whom = 0; whom < 5; ++whom) claims[whom] = _handler.subjectAt(whom);
        bool allowed = registry.isAllowed(account, resource, action, claims);
        vm.assertEq(allowed, _handler.expects(account, resource, action), "the registry and the lists differ");
    }
}
