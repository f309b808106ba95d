// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Approved configurations of the tenant's resources
/// @notice A publisher proposes a document's digest, others approve it, and at the threshold it becomes the head
/// of its resource. Versions only rise; a revoked version never returns.
/// @dev Approvals stay with the proposal: those given before the threshold changed, or by an account whose role was
/// taken away since, still count. The remedy is `revoke`, which kills every pending proposal for that version at once.
/// A lowered threshold activates nothing by itself: the next approval does.
interface IConfigurations {
    /// @notice What stands for a resource; `None` if nothing was ever activated.
    enum HeadStatus {
        None,
        Active,
        Revoked
    }

    /// @notice One document, proposed as one version of one resource for one group. All four fields name the
    /// proposal, so that nobody can occupy a version number: proposals compete, and the first to be approved wins.
    /// @param resource The SHA-256 of the resource's name
    /// @param version The version it is to become
    /// @param digest The SHA-256 of the canonical document
    /// @param group The SHA-256 of the name of the group that may run it
    struct Proposal {
        bytes32 resource;
        uint64 version;
        bytes32 digest;
        bytes32 group;
    }

    /// @notice What stands for a resource now.
    /// @param version The last activated version
    /// @param status Whether that version is active or was revoked
    /// @param digest The SHA-256 of its document
    /// @param group The group that may run it
    struct Head {
        uint64 version;
        HeadStatus status;
        bytes32 digest;
        bytes32 group;
    }

    /// @notice A configuration was proposed.
    /// @param resource The resource
    /// @param version The proposed version
    /// @param digest The document's digest
    /// @param group The group that may run it
    /// @param proposer Who proposed it
    event ConfigurationProposed(
        bytes32 indexed resource,
        uint64 version,
        bytes32 digest,
        bytes32 indexed group,
        address indexed proposer
    );

    /// @notice A proposal was approved.
    /// @param resource The resource
    /// @param version The proposed version
    /// @param digest The document's digest
    /// @param group The group that may run it
    /// @param approver Who approved it
    /// @param approvals How many have approved it now
    event ConfigurationApproved(
        bytes32 indexed resource,
        uint64 version,
        bytes32 digest,
        bytes32 indexed group,
        address indexed approver,
        uint32 approvals
    );

    /// @notice A proposal reached the threshold and is the resource's head now.
    /// @param resource The resource
    /// @param version The version that is active now
    /// @param digest The document's digest
    /// @param group The group that may run it
    event ConfigurationActivated(bytes32 indexed resource, uint64 version, bytes32 digest, bytes32 indexed group);

    /// @notice A version was revoked, active or not; it will never be active again.
    /// @param resource The resource
    /// @param version The revoked version
    /// @param by Who revoked it
    event VersionRevoked(bytes32 indexed resource, uint64 version, address indexed by);

    /// @notice Another number of approvals is needed from now on.
    /// @param threshold The number of approvals, the proposer's own not counted
    event ApprovalThresholdChanged(uint32 threshold);

    /// @notice The zero id is no resource.
    error ZeroResource();

    /// @notice A proposal names no document, or no group.
    /// @param proposal The proposal
    error IncompleteProposal(Proposal proposal);

    /// @notice The version is not above the resource's head (for `revoke`: it is below the head).
    /// @param resource The resource
    /// @param version The version that was given
    /// @param current The head's version; zero if there is none
    error VersionNotNewer(bytes32 resource, uint64 version, uint64 current);

    /// @notice The version is so far ahead that few would be left after it.
    /// @param resource The resource
    /// @param version The version that was given
    /// @param current The head's version; at most `MAX_VERSION_JUMP` may be added (one less for `revoke`)
    error VersionTooFar(bytes32 resource, uint64 version, uint64 current);

    /// @notice The version is revoked for good.
    /// @param resource The resource
    /// @param version The version that was given
    error VersionIsRevoked(bytes32 resource, uint64 version);

    /// @notice A batch has at least one proposal.
    error NoProposals();

    /// @notice The very same proposal was made before.
    /// @param proposal The proposal
    error AlreadyProposed(Proposal proposal);

    /// @notice Nobody made this proposal.
    /// @param proposal The proposal
    error UnknownProposal(Proposal proposal);

    /// @notice Nobody approves a proposal of their own.
    /// @param proposer The caller
    error OwnProposal(address proposer);

    /// @notice The caller has approved this proposal before.
    /// @param approver The caller
    error AlreadyApproved(address approver);

    /// @notice The call came through the access manager's `execute`, which would hide whose it is: one approver
    /// could count twice, or approve their own proposal. Call the registry itself, also for what was scheduled.
    /// @param caller The access manager
    error NotInPerson(address caller);

    /// @notice Proposes a configuration. With a threshold of zero it is active at once.
    /// @dev Restricted. Reverts with `NotInPerson`, `ZeroResource`, `IncompleteProposal`, `VersionNotNewer`,
    /// `VersionTooFar`, `VersionIsRevoked` or `AlreadyProposed`.
    /// @param proposal The proposal
    function propose(Proposal calldata proposal) external;

    /// @notice Proposes several configurations, or none if one is refused.
    /// @dev Restricted. Reverts with `NoProposals`, and as `propose` does.
    /// @param proposals The proposals
    function proposeMany(Proposal[] calldata proposals) external;

    /// @notice Approves a proposal of somebody else's, by all its fields; activates it when that is enough.
    /// @dev Restricted. Reverts with `NotInPerson`, `UnknownProposal`, `OwnProposal`, `AlreadyApproved`,
    /// `VersionNotNewer` or `VersionIsRevoked`.
    /// @param proposal The proposal
    function approve(Proposal calldata proposal) external;

    /// @notice Approves several proposals, or none if one is refused.
    /// @dev Restricted. Reverts with `NoProposals`, and as `approve` does.
    /// @param proposals The proposals
    function approveMany(Proposal[] calldata proposals) external;

    /// @notice Revokes a version at once and for good: the active one, or one still to come, so that every proposal
    /// for it dies whatever approvals it has. A newer version may then be proposed: the farthest one that may be
    /// proposed cannot be revoked before it is the head, so that no revoker can close a resource for good.
    /// @dev Restricted. Reverts with `ZeroResource`, `VersionNotNewer`, `VersionTooFar` or `VersionIsRevoked`.
    /// @param resource The resource
    /// @param version The version
    function revoke(bytes32 resource, uint64 version) external;

    /// @notice Sets how many must approve a proposal. Approvals already given still count.
    /// @dev Restricted.
    /// @param threshold The number of approvals, the proposer's own not counted; zero for none
    function setApprovalThreshold(uint32 threshold) external;

    /// @notice How many must approve a proposal, the proposer not counted.
    /// @return The number of approvals
    function approvalThreshold() external view returns (uint32);

    /// @notice What stands for a resource; all zero if nothing was ever activated.
    /// @param resource The resource
    /// @return The head
    function head(bytes32 resource) external view returns (Head memory);

    /// @notice The one slot a proof of a resource's head needs.
    /// @param resource The resource
    /// @return `keccak256(abi.encode(version, digest, group, status))`, or zero if nothing was ever activated
    function headHash(bytes32 resource) external view returns (bytes32);

    /// @notice Who made a proposal and how many approved it.
    /// @param proposal The proposal
    /// @return proposer Who made it; zero if nobody did
    /// @return approvals How many approved it
    function proposalStatus(Proposal calldata proposal) external view returns (address proposer, uint32 approvals);

    /// @notice Whether an account has approved a proposal.
    /// @param proposal The proposal
    /// @param approver The account
    /// @return True if it has
    function hasApproved(Proposal calldata proposal, address approver) external view returns (bool);

    /// @notice Whether a version is revoked.
    /// @param resource The resource
    /// @param version The version
    /// @return True if it is
    function isRevoked(bytes32 resource, uint64 version) external view returns (bool);
}
