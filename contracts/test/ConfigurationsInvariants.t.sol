// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConfigurations} from "../interfaces/IConfigurations.sol";
import {Tenant} from "./Tenant.t.sol";
import {vm} from "./Vm.t.sol";
import {ConfigurationsHandler} from "./handlers/ConfigurationsHandler.t.sol";

contract ConfigurationsInvariants is Tenant {
    ConfigurationsHandler private _handler;

    function setUp() public override {
        super.setUp();
        _handler = new ConfigurationsHandler(registry, manager);
        for (uint256 who = 0; who < 4; ++who) {
            manager.grantRole(PUBLISHER, _handler.actorAt(who), 0);
            manager.grantRole(APPROVER, _handler.actorAt(who), 0);
            manager.grantRole(CLERK, _handler.actorAt(who), 0);
        }
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_VersionsOnlyRise() external view {
        vm.assertFalse(_handler.versionFell(), "a head went back or changed in place");
    }

    function invariant_NothingIsActiveWithoutItsApprovals() external view {
        vm.assertFalse(_handler.activatedUnapproved(), "a head has too few approvers");
    }

    function invariant_ARevokedVersionNeverReturns() external view {
        vm.assertFalse(_handler.revokedReturned(), "a revoked version is active");
    }

    function invariant_HeadHashIsTheHashOfTheHead() external view {
        for (uint256 what = 0; what < 2; ++what) {
            bytes32 resource = _handler.resourceAt(what);
            IConfigurations.Head memory head = registry.head(resource);
            bytes32 hash = keccak256(abi.encode(head.version, head.digest, head.group, head.status));
            bool none = head.status == IConfigurations.HeadStatus.None;
            vm.assertEq(registry.headHash(resource), none ? bytes32(0) : hash);
        }
    }

    /// @dev The handler is not idle: a plain sequence of its calls activates and revokes.
    function test_TheHandlerReachesEveryState() external {
        _handler.propose(0, 0, 1, true, false);
        _handler.approve(1, 0, false);
        _handler.approve(2, 0, false);
        vm.assertEq(_handler.activations(), 1);
        _handler.revoke(3, 0, 0, true);
        vm.assertEq(_handler.revocations(), 1);
    }
}
