// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Registry} from "../../Registry.sol";
import {IConfigurations} from "../../interfaces/IConfigurations.sol";
import {vm} from "../Vm.t.sol";

/// @title Everything four accounts may try with two resources
/// @notice Each account may propose, approve, revoke and set the threshold, in person or through the manager, in any
/// order. Beside the registry it keeps its own account of who really approved what, and notes every breach.
contract ConfigurationsHandler {
    bool public versionFell;
    bool public activatedUnapproved;
    bool public revokedReturned;
    uint256 public activations;
    uint256 public revocations;

    Registry private immutable registry;
    AccessManager private immutable manager;

    IConfigurations.Proposal[] private _made;
    mapping(bytes32 id => address proposer) private _proposers;
    mapping(bytes32 id => address[] approvers) private _approvers;
    mapping(bytes32 resource => mapping(uint64 version => bool revoked)) private _revoked;

    constructor(Registry registry_, AccessManager manager_) {
        (registry, manager) = (registry_, manager_);
    }

    function propose(uint256 who, uint256 what, uint64 ahead, bool digest, bool relayed) external {
        bytes32 resource = resourceAt(what);
        uint64 version = registry.head(resource).version + (ahead % 4);
        IConfigurations.Proposal memory proposal = IConfigurations.Proposal(
            resource,
            version,
            digest ? bytes32("one") : bytes32("two"),
            bytes32("group")
        );
        IConfigurations.Head memory before = registry.head(resource);
        if (_call(who, abi.encodeCall(registry.propose, (proposal)), relayed)) {
            _made.push(proposal);
            _proposers[_idOf(proposal)] = actorAt(who);
        }
        _inspect(resource, before);
    }

    function approve(uint256 who, uint256 which, bool relayed) external {
        if (_made.length == 0) return;
        IConfigurations.Proposal memory proposal = _made[which % _made.length];
        IConfigurations.Head memory before = registry.head(proposal.resource);
        if (_call(who, abi.encodeCall(registry.approve, (proposal)), relayed)) _note(proposal, actorAt(who));
        _inspect(proposal.resource, before);
    }

    function approveTwo(uint256 who, uint256 which, uint256 other) external {
        if (_made.length == 0) return;
        IConfigurations.Proposal[] memory two = new IConfigurations.Proposal[](2);
        (two[0], two[1]) = (_made[which % _made.length], _made[other % _made.length]);
        IConfigurations.Head memory before = registry.head(two[0].resource);
        IConfigurations.Head memory beforeOther = registry.head(two[1].resource);
        if (_call(who, abi.encodeCall(registry.approveMany, (two)), false)) {
            _note(two[0], actorAt(who));
            _note(two[1], actorAt(who));
        }
        _inspect(two[0].resource, before);
        _inspect(two[1].resource, beforeOther);
    }

    function revoke(uint256 who, uint256 what, uint64 ahead, bool relayed) external {
        if (ahead % 3 != 0) return;
        bytes32 resource = resourceAt(what);
        IConfigurations.Head memory before = registry.head(resource);
        uint64 version = before.version + ((ahead / 3) % 3);
        if (_call(who, abi.encodeCall(registry.revoke, (resource, version)), relayed)) {
            _revoked[resource][version] = true;
            ++revocations;
        }
        _inspect(resource, before);
    }

    function setApprovalThreshold(uint256 who, uint32 threshold) external {
        _call(who, abi.encodeCall(registry.setApprovalThreshold, (1 + (threshold % 3))), false);
    }

    function actorAt(uint256 who) public pure returns (address) {
        return address(uint160(0xA0 + (who % 4)));
    }

    function resourceAt(uint256 what) public pure returns (bytes32) {
        return what % 2 == 0 ? bytes32("barn-climate") : bytes32("irrigation");
    }

    function _call(uint256 who, bytes memory data, bool relayed) private returns (bool done) {
        vm.prank(actorAt(who));
        if (!relayed) (done, ) = address(registry).call(data);
        else (done, ) = address(manager).call(abi.encodeCall(manager.execute, (address(registry), data)));
    }

    /// @dev Counts people, not calls: whoever approves a second time, or what they proposed, adds nobody.
    function _note(IConfigurations.Proposal memory proposal, address by) private {
        bytes32 id = _idOf(proposal);
        if (_proposers[id] == by) return;
        for (uint256 i = 0; i < _approvers[id].length; ++i) if (_approvers[id][i] == by) return;
        _approvers[id].push(by);
    }

    function _inspect(bytes32 resource, IConfigurations.Head memory before) private {
        IConfigurations.Head memory current = registry.head(resource);
        if (current.version < before.version) versionFell = true;
        if (current.status != IConfigurations.HeadStatus.Active) return;
        if (_revoked[resource][current.version]) revokedReturned = true;
        if (keccak256(abi.encode(current)) == keccak256(abi.encode(before))) return;
        ++activations;
        if (current.version == before.version) versionFell = true;
        bytes32 id = keccak256(abi.encode(resource, current.version, current.digest, current.group));
        if (_approvers[id].length < registry.approvalThreshold()) activatedUnapproved = true;
    }

    function _idOf(IConfigurations.Proposal memory proposal) private pure returns (bytes32) {
        return keccak256(abi.encode(proposal.resource, proposal.version, proposal.digest, proposal.group));
    }
}
