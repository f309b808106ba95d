// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Registry} from "../Registry.sol";
import {IConfigurations} from "../interfaces/IConfigurations.sol";
import {vm} from "./Vm.t.sol";

/// @title A tenant with a registry, for tests
/// @notice Two approvals are needed; `clerk` may do everything but propose, approve and govern. Ids are keccak256
/// here: the chain can't tell, and `sha256` is a call to a precompile, which a cheatcode for the next call would take.
abstract contract Tenant {
    uint64 internal constant PUBLISHER = 1;
    uint64 internal constant APPROVER = 2;
    uint64 internal constant CLERK = 3;

    address internal immutable admin = address(this);
    address internal constant publisher = address(0xA1);
    address internal constant otherPublisher = address(0xA2);
    address internal constant approver = address(0xB1);
    address internal constant otherApprover = address(0xB2);
    address internal constant clerk = address(0xC1);
    address internal constant stranger = address(0xE1);

    bytes32 internal constant RESOURCE = keccak256("resource/greenfields/barn-climate");
    bytes32 internal constant OTHER_RESOURCE = keccak256("resource/greenfields/irrigation");
    bytes32 internal constant GROUP = keccak256("group/greenfields/barn-7");
    bytes32 internal constant DIGEST = keccak256("a document");
    bytes32 internal constant ROLE = keccak256("role/greenfields/workers");
    uint64 internal constant NEVER = type(uint64).max;

    AccessManager internal manager;
    Registry internal registry;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        manager = new AccessManager(admin);
        registry = new Registry(address(manager), 2);
        _assign(PUBLISHER, registry.propose.selector, registry.proposeMany.selector);
        _assign(APPROVER, registry.approve.selector, registry.approveMany.selector);
        _assign(CLERK, registry.enrol.selector, registry.setDeviceStatus.selector);
        _assign(CLERK, registry.setDeviceGroup.selector, registry.setDeviceProfile.selector);
        _assign(CLERK, registry.setGrant.selector, registry.revokeGrant.selector);
        _assign(CLERK, registry.setMember.selector, registry.removeMember.selector);
        _assign(CLERK, registry.revoke.selector, registry.setApprovalThreshold.selector);
        manager.grantRole(PUBLISHER, publisher, 0);
        manager.grantRole(PUBLISHER, otherPublisher, 0);
        manager.grantRole(APPROVER, approver, 0);
        manager.grantRole(APPROVER, otherApprover, 0);
        manager.grantRole(CLERK, clerk, 0);
    }

    function _assign(uint64 role, bytes4 one, bytes4 other) internal {
        bytes4[] memory selectors = new bytes4[](2);
        (selectors[0], selectors[1]) = (one, other);
        manager.setTargetFunctionRole(address(registry), selectors, role);
    }

    function _proposal(uint64 version) internal pure returns (IConfigurations.Proposal memory) {
        return IConfigurations.Proposal(RESOURCE, version, DIGEST, GROUP);
    }

    function _propose(IConfigurations.Proposal memory proposal) internal {
        vm.prank(publisher);
        registry.propose(proposal);
    }

    function _approve(IConfigurations.Proposal memory proposal, address by) internal {
        vm.prank(by);
        registry.approve(proposal);
    }

    function _activate(IConfigurations.Proposal memory proposal) internal {
        _propose(proposal);
        _approve(proposal, approver);
        _approve(proposal, otherApprover);
    }

    function _revoke(bytes32 resource, uint64 version) internal {
        vm.prank(clerk);
        registry.revoke(resource, version);
    }

    function _setThreshold(uint32 threshold) internal {
        vm.prank(clerk);
        registry.setApprovalThreshold(threshold);
    }

    function _enrol(address account) internal {
        vm.prank(clerk);
        registry.enrol(account, 1, GROUP, 0);
    }

    function _setStatus(address account, uint8 status) internal {
        vm.prank(clerk);
        registry.setDeviceStatus(account, status);
    }

    function _grant(bytes32 resource, bytes32 subject, uint8 actions, uint64 expiresAt) internal {
        vm.prank(clerk);
        registry.setGrant(resource, subject, actions, false, expiresAt);
    }

    function _member(bytes32 role, address account, uint64 expiresAt) internal {
        vm.prank(clerk);
        registry.setMember(role, account, expiresAt);
    }

    function _subject(address account) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }
}
