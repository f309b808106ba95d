// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPolicies} from "../interfaces/IPolicies.sol";
import {Tenant} from "./Tenant.t.sol";
import {vm} from "./Vm.t.sol";

contract PoliciesTest is Tenant {
    bytes32 internal constant ANYONE = bytes32(type(uint256).max);
    bytes32 internal constant ANY_RESOURCE = bytes32(type(uint256).max);
    bytes32 internal constant OTHER_ROLE = keccak256("role/greenfields/vets");
    address internal constant caller = address(0xD1);

    function test_TheConstantsAreAllOnes() external view {
        vm.assertEq(registry.ANYONE(), ANYONE);
        vm.assertEq(registry.ANY_RESOURCE(), ANY_RESOURCE);
    }

    function testFuzz_AGrantIsKeptAndTold(
        bytes32 resource,
        bytes32 subject,
        uint8 actions,
        bool offline,
        uint64 expiresAt
    ) external {
        vm.assume(resource != 0 && subject != 0 && expiresAt > block.timestamp);
        actions = 1 + (actions % 15);
        vm.expectEmit(address(registry));
        emit IPolicies.GrantSet(resource, subject, actions, offline, expiresAt);
        vm.prank(clerk);
        registry.setGrant(resource, subject, actions, offline, expiresAt);
        IPolicies.Grant memory found = registry.grant(resource, subject);
        vm.assertEq(found.actions, actions);
        vm.assertEq(found.offline, offline, "offline");
        vm.assertEq(found.expiresAt, expiresAt);
    }

    function testFuzz_EveryActionMaskAndNoOtherIsTaken(uint8 actions) external {
        bool known = actions != 0 && actions < 16;
        if (!known) vm.expectRevert(abi.encodeWithSelector(IPolicies.InvalidActions.selector, actions));
        _grant(RESOURCE, ANYONE, actions, NEVER);
        vm.assertEq(registry.grant(RESOURCE, ANYONE).actions, known ? actions : 0);
    }

    function test_NoActionsAndActionsUnknownAreRefused() external {
        vm.expectRevert(abi.encodeWithSelector(IPolicies.InvalidActions.selector, 0));
        _grant(RESOURCE, ANYONE, 0, NEVER);
        vm.expectRevert(abi.encodeWithSelector(IPolicies.InvalidActions.selector, 16));
        _grant(RESOURCE, ANYONE, 16, NEVER);
        vm.expectRevert(abi.encodeWithSelector(IPolicies.InvalidActions.selector, 0x8f));
        _grant(RESOURCE, ANYONE, 0x8f, NEVER);
        _grant(RESOURCE, ANYONE, 15, NEVER);
    }

    function test_AGrantNeedsAResourceAndASubject() external {
        vm.expectRevert(abi.encodeWithSelector(IPolicies.IncompleteGrant.selector, bytes32(0), ANYONE));
        _grant(0, ANYONE, 1, NEVER);
        vm.expectRevert(abi.encodeWithSelector(IPolicies.IncompleteGrant.selector, RESOURCE, bytes32(0)));
        _grant(RESOURCE, 0, 1, NEVER);
    }

    function testFuzz_NothingIsGrantedForThePast(uint64 expiresAt) external {
        expiresAt = expiresAt % uint64(block.timestamp + 1);
        bytes memory refusal = abi.encodeWithSelector(IPolicies.AlreadyExpired.selector, expiresAt);
        vm.expectRevert(refusal);
        _grant(RESOURCE, ANYONE, 1, expiresAt);
        vm.expectRevert(refusal);
        _member(ROLE, caller, expiresAt);
    }

    function test_WhatEndsNowIsOverAndWhatEndsInASecondIsNot() external {
        uint64 time = uint64(block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(IPolicies.AlreadyExpired.selector, time));
        _grant(RESOURCE, ANYONE, 1, time);
        vm.expectRevert(abi.encodeWithSelector(IPolicies.AlreadyExpired.selector, time));
        _member(ROLE, caller, time);
        _grant(RESOURCE, ANYONE, 1, time + 1);
        _member(ROLE, caller, time + 1);
    }

    function test_AGrantIsRevokedAndTold() external {
        _grant(RESOURCE, ANYONE, 1, NEVER);
        vm.expectEmit(address(registry));
        emit IPolicies.GrantRevoked(RESOURCE, ANYONE);
        _revokeGrant(RESOURCE, ANYONE);
        vm.assertEq(registry.grant(RESOURCE, ANYONE).actions, 0);
        vm.assertEq(registry.grant(RESOURCE, ANYONE).expiresAt, 0);
        vm.assertFalse(_isAllowed(caller, RESOURCE, 1), "revoked");
        vm.expectRevert(abi.encodeWithSelector(IPolicies.UnknownGrant.selector, RESOURCE, ANYONE));
        _revokeGrant(RESOURCE, ANYONE);
    }

    function test_AnExpiredGrantOrMembershipCanStillBeTakenAway() external {
        uint64 soon = uint64(block.timestamp + 1);
        _grant(RESOURCE, ANYONE, 1, soon);
        _member(ROLE, caller, soon);
        vm.warp(soon);
        _revokeGrant(RESOURCE, ANYONE);
        _removeMember(ROLE, caller);
        vm.assertEq(registry.grant(RESOURCE, ANYONE).actions, 0);
        vm.assertEq(registry.memberUntil(ROLE, caller), 0);
    }

    function test_AGrantReplacesTheOneBefore() external {
        _grant(RESOURCE, ANYONE, 15, NEVER);
        _grant(RESOURCE, ANYONE, 1, NEVER);
        vm.assertTrue(_isAllowed(caller, RESOURCE, 1), "read");
        vm.assertFalse(_isAllowed(caller, RESOURCE, 2), "write");
    }

    function testFuzz_AMemberIsKeptAndTold(bytes32 role, address account, uint64 expiresAt) external {
        vm.assume(uint256(role) > type(uint160).max && role != ANYONE);
        vm.assume(account != address(0) && expiresAt > block.timestamp);
        vm.expectEmit(address(registry));
        emit IPolicies.MemberSet(role, account, expiresAt);
        _member(role, account, expiresAt);
        vm.assertEq(registry.memberUntil(role, account), expiresAt);
        vm.expectEmit(address(registry));
        emit IPolicies.MemberRemoved(role, account);
        _removeMember(role, account);
        vm.assertEq(registry.memberUntil(role, account), 0);
        vm.expectRevert(abi.encodeWithSelector(IPolicies.UnknownMember.selector, role, account));
        _removeMember(role, account);
    }

    function testFuzz_AnAccountIsNoRole(address account) external {
        vm.expectRevert(abi.encodeWithSelector(IPolicies.InvalidRole.selector, _subject(account)));
        _member(_subject(account), caller, NEVER);
    }

    function test_NeitherAnyoneNorTheLargestAccountIsARole() external {
        vm.expectRevert(abi.encodeWithSelector(IPolicies.InvalidRole.selector, ANYONE));
        _member(ANYONE, caller, NEVER);
        bytes32 largest = bytes32(uint256(type(uint160).max));
        vm.expectRevert(abi.encodeWithSelector(IPolicies.InvalidRole.selector, largest));
        _member(largest, caller, NEVER);
        _member(bytes32(uint256(largest) + 1), caller, NEVER);
    }

    function test_TheZeroAddressIsNoMember() external {
        vm.expectRevert(abi.encodeWithSelector(IPolicies.ZeroMember.selector, ROLE));
        _member(ROLE, address(0), NEVER);
    }

    function testFuzz_NobodyIsAllowedAnythingWithoutAGrant(
        address account,
        bytes32 resource,
        uint8 action,
        bytes32[] calldata roles
    ) external view {
        vm.assertFalse(registry.isAllowed(account, resource, action, roles), "denied by default");
    }

    function testFuzz_OneActionIsAskedAtATime(uint8 action) external {
        _grant(ANY_RESOURCE, ANYONE, 15, NEVER);
        bool one = action == 1 || action == 2 || action == 4 || action == 8;
        vm.assertEq(_isAllowed(caller, RESOURCE, action), one, "one bit");
    }

    function test_EveryMaskGrantsItsBitsAndNoOthers() external {
        for (uint8 actions = 1; actions < 16; ++actions) {
            _grant(RESOURCE, ANYONE, actions, NEVER);
            for (uint8 action = 1; action < 16; action *= 2) {
                vm.assertEq(_isAllowed(caller, RESOURCE, action), actions & action != 0, "bit");
            }
        }
    }

    function testFuzz_AGrantToAnAccountIsForItAlone(address account, address other) external {
        vm.assume(account != address(0) && account != other);
        _grant(RESOURCE, _subject(account), 1, NEVER);
        vm.assertTrue(_isAllowed(account, RESOURCE, 1), "itself");
        vm.assertFalse(_isAllowed(other, RESOURCE, 1), "another");
        vm.assertFalse(_isAllowed(account, OTHER_RESOURCE, 1), "another resource");
    }

    function testFuzz_AnyoneIsEveryoneSignedOrNot(address account) external {
        _grant(RESOURCE, ANYONE, 1, NEVER);
        vm.assertTrue(_isAllowed(account, RESOURCE, 1), "anyone");
        vm.assertTrue(_isAllowed(address(0), RESOURCE, 1), "unsigned");
        vm.assertFalse(_isAllowed(account, OTHER_RESOURCE, 1), "another resource");
    }

    function testFuzz_AnyResourceIsEveryResource(bytes32 resource) external {
        _grant(ANY_RESOURCE, _subject(caller), 1, NEVER);
        vm.assertTrue(_isAllowed(caller, resource, 1), "every resource");
        vm.assertFalse(_isAllowed(stranger, resource, 1), "another account");
    }

    function test_AnUnsignedCallerHasNoAccountAndNoRoles() external {
        _grant(RESOURCE, _subject(caller), 1, NEVER);
        _grant(RESOURCE, ROLE, 1, NEVER);
        _member(ROLE, caller, NEVER);
        vm.assertFalse(registry.isAllowed(address(0), RESOURCE, 1, _roles(ROLE, bytes32(0))), "unsigned");
    }

    function test_ARoleServesItsMembersWhoClaimIt() external {
        _grant(RESOURCE, ROLE, 1, NEVER);
        _grant(ANY_RESOURCE, OTHER_ROLE, 2, NEVER);
        _member(OTHER_ROLE, caller, NEVER);
        vm.assertFalse(registry.isAllowed(caller, RESOURCE, 1, _roles(ROLE, OTHER_ROLE)), "false claim");
        _member(ROLE, caller, NEVER);
        vm.assertTrue(registry.isAllowed(caller, RESOURCE, 1, _roles(OTHER_ROLE, ROLE)), "second claim");
        vm.assertTrue(registry.isAllowed(caller, RESOURCE, 2, _roles(OTHER_ROLE, ROLE)), "any resource");
        vm.assertFalse(registry.isAllowed(caller, RESOURCE, 4, _roles(OTHER_ROLE, ROLE)), "not granted");
        vm.assertFalse(_isAllowed(caller, RESOURCE, 1), "not claimed");
        vm.assertFalse(registry.isAllowed(stranger, RESOURCE, 1, _roles(ROLE, OTHER_ROLE)), "no member");
        _removeMember(ROLE, caller);
        vm.assertFalse(registry.isAllowed(caller, RESOURCE, 1, _roles(ROLE, OTHER_ROLE)), "removed");
    }

    function test_ClaimingAnAccountOrAnyoneAsARoleGivesNothing() external {
        _grant(RESOURCE, _subject(caller), 1, NEVER);
        vm.assertFalse(registry.isAllowed(stranger, RESOURCE, 1, _roles(_subject(caller), ANYONE)), "claimed account");
    }

    function testFuzz_AGrantHoldsUntilItsTime(uint64 expiresAt, uint64 time) external {
        vm.assume(expiresAt > block.timestamp);
        _grant(RESOURCE, ANYONE, 1, expiresAt);
        vm.warp(time);
        vm.assertEq(_isAllowed(caller, RESOURCE, 1), time < expiresAt, "grant");
    }

    function test_AGrantAndAMembershipEndAtTheirSecond() external {
        uint64 time = uint64(block.timestamp);
        _grant(RESOURCE, ROLE, 1, time + 20);
        _member(ROLE, caller, time + 10);
        vm.warp(time + 9);
        vm.assertTrue(registry.isAllowed(caller, RESOURCE, 1, _roles(ROLE, ROLE)), "both hold");
        vm.warp(time + 10);
        vm.assertFalse(registry.isAllowed(caller, RESOURCE, 1, _roles(ROLE, ROLE)), "membership over");
        _member(ROLE, caller, NEVER);
        vm.warp(time + 19);
        vm.assertTrue(registry.isAllowed(caller, RESOURCE, 1, _roles(ROLE, ROLE)), "a member again");
        vm.warp(time + 20);
        vm.assertFalse(registry.isAllowed(caller, RESOURCE, 1, _roles(ROLE, ROLE)), "grant over");
    }

    function test_NeverIsNever() external {
        _grant(RESOURCE, ROLE, 1, NEVER);
        _member(ROLE, caller, NEVER);
        vm.warp(NEVER - 1);
        vm.assertTrue(registry.isAllowed(caller, RESOURCE, 1, _roles(ROLE, ROLE)), "never");
    }

    function test_AnExpiredGrantOnTheResourceDoesNotHideOneOnAll() external {
        uint64 soon = uint64(block.timestamp + 1);
        _grant(RESOURCE, ANYONE, 1, soon);
        _grant(ANY_RESOURCE, ANYONE, 1, NEVER);
        vm.warp(soon);
        vm.assertTrue(_isAllowed(caller, RESOURCE, 1), "on all");
    }

    function _roles(bytes32 one, bytes32 other) private pure returns (bytes32[] memory roles) {
        roles = new bytes32[](2);
        (roles[0], roles[1]) = (one, other);
    }

    function _isAllowed(address account, bytes32 resource, uint8 action) private view returns (bool) {
        return registry.isAllowed(account, resource, action, new bytes32[](0));
    }

    function _revokeGrant(bytes32 resource, bytes32 subject) private {
        vm.prank(clerk);
        registry.revokeGrant(resource, subject);
    }

    function _removeMember(bytes32 role, address account) private {
        vm.prank(clerk);
        registry.removeMember(role, account);
    }
}
