// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IConfigurations} from "./interfaces/IConfigurations.sol";

/// @title Approved configurations of the tenant's resources
/// @notice The part of the registry that says which document is the approved one.
abstract contract Configurations is IConfigurations, AccessManaged {
    /// @dev What was said of one proposal; one slot.
    struct Tally {
        address proposer;
        uint32 approvals;
    }

    /// @notice How far above its head's version a resource's next version may lie. Without this cap one compromised
    /// publisher could propose version 2^64 - 1, after which nothing newer could ever come (a fast-forward attack).
    uint64 public constant MAX_VERSION_JUMP = 1000;

    mapping(bytes32 resource => Head head) private _heads;
    mapping(bytes32 resource => bytes32 hash) private _headHashes;
    mapping(bytes32 id => Tally tally) private _tallies;
    mapping(bytes32 id => mapping(address approver => bool approved)) private _approvals;
    mapping(bytes32 resource => mapping(uint64 version => bool revoked)) private _revoked;
    uint32 private _approvalThreshold;

    /// @dev The access manager calls for whoever has the role, so its address stands for nobody: an approver who
    /// came once in person and once through it would count twice.
    modifier inPerson() {
        if (msg.sender == authority()) revert NotInPerson(msg.sender);
        _;
    }

    /// @notice Sets the first threshold.
    /// @param threshold How many must approve a proposal
    constructor(uint32 threshold) {
        _setApprovalThreshold(threshold);
    }

    /// @inheritdoc IConfigurations
    function propose(Proposal calldata proposal) external restricted inPerson {
        _propose(proposal);
    }

    /// @inheritdoc IConfigurations
    function proposeMany(Proposal[] calldata proposals) external restricted inPerson {
        if (proposals.length == 0) revert NoProposals();
        for (uint256 i = 0; i < proposals.length; ++i) _propose(proposals[i]);
    }

    /// @inheritdoc IConfigurations
    function approve(Proposal calldata proposal) external restricted inPerson {
        _approve(proposal);
    }

    /// @inheritdoc IConfigurations
    function approveMany(Proposal[] calldata proposals) external restricted inPerson {
        if (proposals.length == 0) revert NoProposals();
        for (uint256 i = 0; i < proposals.length; ++i) _approve(proposals[i]);
    }

    /// @inheritdoc IConfigurations
    function revoke(bytes32 resource, uint64 version) external restricted {
        if (resource == bytes32(0)) revert ZeroResource();
        Head memory current = _heads[resource];
        bool isHead = current.status != HeadStatus.None && version == current.version;
        if (!isHead) _checkNewer(resource, version, current.version);
        // One less than may be proposed: were every open version revocable, a compromised revoker could close a
        // resource for good, even after its role is taken away.
        _checkNear(resource, version, current.version, MAX_VERSION_JUMP - 1);
        _checkNotRevoked(resource, version);
        _revoked[resource][version] = true;
        if (isHead) _store(resource, Head(version, HeadStatus.Revoked, current.digest, current.group));
        emit VersionRevoked(resource, version, msg.sender);
    }

    /// @inheritdoc IConfigurations
    function setApprovalThreshold(uint32 threshold) external restricted {
        _setApprovalThreshold(threshold);
    }

    /// @inheritdoc IConfigurations
    function approvalThreshold() external view returns (uint32) {
        return _approvalThreshold;
    }

    /// @inheritdoc IConfigurations
    function head(bytes32 resource) external view returns (Head memory) {
        return _heads[resource];
    }

    /// @inheritdoc IConfigurations
    function headHash(bytes32 resource) external view returns (bytes32) {
        return _headHashes[resource];
    }

    /// @inheritdoc IConfigurations
    function proposalStatus(Proposal calldata proposal) external view returns (address proposer, uint32 approvals) {
        Tally memory tally = _tallies[_idOf(proposal)];
        return (tally.proposer, tally.approvals);
    }

    /// @inheritdoc IConfigurations
    function hasApproved(Proposal calldata proposal, address approver) external view returns (bool) {
        return _approvals[_idOf(proposal)][approver];
    }

    /// @inheritdoc IConfigurations
    function isRevoked(bytes32 resource, uint64 version) external view returns (bool) {
        return _revoked[resource][version];
    }

    function _propose(Proposal calldata proposal) private {
        if (proposal.resource == bytes32(0)) revert ZeroResource();
        if (proposal.digest == bytes32(0) || proposal.group == bytes32(0)) revert IncompleteProposal(proposal);
        _checkNear(proposal.resource, proposal.version, _heads[proposal.resource].version, MAX_VERSION_JUMP);
        _checkOpen(proposal);
        Tally storage tally = _tallies[_idOf(proposal)];
        if (tally.proposer != address(0)) revert AlreadyProposed(proposal);
        tally.proposer = msg.sender;
        emit ConfigurationProposed(proposal.resource, proposal.version, proposal.digest, proposal.group, msg.sender);
        if (_approvalThreshold == 0) _activate(proposal);
    }

    function _approve(Proposal calldata proposal) private {
        _checkOpen(proposal);
        bytes32 id = _idOf(proposal);
        Tally memory tally = _tallies[id];
        if (tally.proposer == address(0)) revert UnknownProposal(proposal);
        if (tally.proposer == msg.sender) revert OwnProposal(msg.sender);
        if (_approvals[id][msg.sender]) revert AlreadyApproved(msg.sender);
        _approvals[id][msg.sender] = true;
        _tallies[id].approvals = ++tally.approvals;
        emit ConfigurationApproved(
            proposal.resource,
            proposal.version,
            proposal.digest,
            proposal.group,
            msg.sender,
            tally.approvals
        );
        if (tally.approvals >= _approvalThreshold) _activate(proposal);
    }

    function _activate(Proposal calldata proposal) private {
        _store(proposal.resource, Head(proposal.version, HeadStatus.Active, proposal.digest, proposal.group));
        emit ConfigurationActivated(proposal.resource, proposal.version, proposal.digest, proposal.group);
    }

    /// @dev The only writer, so that a head and its hash never differ.
    function _store(bytes32 resource, Head memory changed) private {
        _heads[resource] = changed;
        _headHashes[resource] = keccak256(abi.encode(changed.version, changed.digest, changed.group, changed.status));
    }

    function _setApprovalThreshold(uint32 threshold) private {
        _approvalThreshold = threshold;
        emit ApprovalThresholdChanged(threshold);
    }

    /// @dev Refuses proposals that can't become their resource's head any more.
    function _checkOpen(Proposal calldata proposal) private view {
        _checkNewer(proposal.resource, proposal.version, _heads[proposal.resource].version);
        _checkNotRevoked(proposal.resource, proposal.version);
    }

    function _checkNotRevoked(bytes32 resource, uint64 version) private view {
        if (_revoked[resource][version]) revert VersionIsRevoked(resource, version);
    }

    /// @dev Refuses version 0 too: without a head the current version is 0.
    function _checkNewer(bytes32 resource, uint64 version, uint64 current) private pure {
        if (version <= current) revert VersionNotNewer(resource, version, current);
    }

    function _checkNear(bytes32 resource, uint64 version, uint64 current, uint64 most) private pure {
        if (version > current && version - current > most) {
            revert VersionTooFar(resource, version, current);
        }
    }

    function _idOf(Proposal calldata proposal) private pure returns (bytes32) {
        return keccak256(abi.encode(proposal));
    }
}
