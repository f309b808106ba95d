// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Who may do what with which resource
/// @notice Grants give a subject actions on a resource until a time; roles have members until a time. What is not
/// granted is denied.
/// @dev A subject is `ANYONE`, an account (its address, left-padded with zeros to 32 bytes) or a role (the SHA-256
/// of its name). Actions are bits: 1 read, 2 write, 4 invoke, 8 manage. Times are Unix seconds; what expires at `t`
/// is valid while the time is less than `t`, and `type(uint64).max` stands for never.
interface IPolicies {
    /// @notice What a subject may do on a resource; one slot.
    /// @param actions The actions, as bits; zero if there is no grant
    /// @param offline Whether a device may honour it when it has no fresh proof
    /// @param expiresAt When it ends
    struct Grant {
        uint8 actions;
        bool offline;
        uint64 expiresAt;
    }

    /// @notice A grant was given, or replaced.
    /// @param resource The resource, or `ANY_RESOURCE`
    /// @param subject The account, the role, or `ANYONE`
    /// @param actions The actions, as bits
    /// @param offline Whether a device may honour it when it has no fresh proof
    /// @param expiresAt When it ends
    event GrantSet(bytes32 indexed resource, bytes32 indexed subject, uint8 actions, bool offline, uint64 expiresAt);

    /// @notice A grant was taken away.
    /// @param resource The resource, or `ANY_RESOURCE`
    /// @param subject The account, the role, or `ANYONE`
    event GrantRevoked(bytes32 indexed resource, bytes32 indexed subject);

    /// @notice An account was made a member of a role, or its membership was given another end.
    /// @param role The role
    /// @param account The member
    /// @param expiresAt When the membership ends
    event MemberSet(bytes32 indexed role, address indexed account, uint64 expiresAt);

    /// @notice An account is a member of a role no more.
    /// @param role The role
    /// @param account The account
    event MemberRemoved(bytes32 indexed role, address indexed account);

    /// @notice A grant needs a resource and a subject; neither may be zero.
    /// @param resource The resource that was given
    /// @param subject The subject that was given
    error IncompleteGrant(bytes32 resource, bytes32 subject);

    /// @notice The actions are none, or have bits that mean nothing.
    /// @param actions The actions that were given
    error InvalidActions(uint8 actions);

    /// @notice It would have ended before it began.
    /// @param expiresAt The end that was given
    error AlreadyExpired(uint64 expiresAt);

    /// @notice There is no such grant.
    /// @param resource The resource
    /// @param subject The subject
    error UnknownGrant(bytes32 resource, bytes32 subject);

    /// @notice This is no role: it is zero, an account, or `ANYONE`.
    /// @param role The role that was given
    error InvalidRole(bytes32 role);

    /// @notice The zero address can't be a member: it stands for a caller who did not sign.
    /// @param role The role
    error ZeroMember(bytes32 role);

    /// @notice The account is no member of that role.
    /// @param role The role
    /// @param account The account
    error UnknownMember(bytes32 role, address account);

    /// @notice Gives a subject actions on a resource; replaces what it had there.
    /// @dev Restricted. Reverts with `IncompleteGrant`, `InvalidActions` or `AlreadyExpired`.
    /// @param resource The resource, or `ANY_RESOURCE`
    /// @param subject The account, the role, or `ANYONE`
    /// @param actions The actions, as bits
    /// @param offline Whether a device may honour it when it has no fresh proof
    /// @param expiresAt When it ends, in Unix seconds
    function setGrant(bytes32 resource, bytes32 subject, uint8 actions, bool offline, uint64 expiresAt) external;

    /// @notice Takes a grant away, expired or not.
    /// @dev Restricted. Reverts with `UnknownGrant`.
    /// @param resource The resource, or `ANY_RESOURCE`
    /// @param subject The account, the role, or `ANYONE`
    function revokeGrant(bytes32 resource, bytes32 subject) external;

    /// @notice Makes an account a member of a role, or gives its membership another end.
    /// @dev Restricted. Reverts with `InvalidRole`, `ZeroMember` or `AlreadyExpired`.
    /// @param role The role
    /// @param account The account
    /// @param expiresAt When the membership ends, in Unix seconds
    function setMember(bytes32 role, address account, uint64 expiresAt) external;

    /// @notice Ends an account's membership of a role, expired or not.
    /// @dev Restricted. Reverts with `UnknownMember`.
    /// @param role The role
    /// @param account The account
    function removeMember(bytes32 role, address account) external;

    /// @notice What a subject was granted on a resource, expired or not; all zero if nothing.
    /// @param resource The resource, or `ANY_RESOURCE`
    /// @param subject The account, the role, or `ANYONE`
    /// @return The grant
    function grant(bytes32 resource, bytes32 subject) external view returns (Grant memory);

    /// @notice When an account's membership of a role ends, or ended; zero if it is none.
    /// @param role The role
    /// @param account The account
    /// @return Unix seconds
    function memberUntil(bytes32 role, address account) external view returns (uint64);

    /// @notice Whether an account may do an action on a resource now: by an unexpired grant on that resource or on
    /// `ANY_RESOURCE`, to the account, to `ANYONE`, or to one of the roles it claims and is an unexpired member of.
    /// @dev Says nothing of the account's standing as a device: who suspends one looks after its grants too.
    /// @param account The caller; the zero address for one who did not sign, to whom only grants to `ANYONE` apply
    /// @param resource The resource
    /// @param action One action bit; the answer for none or for several is no
    /// @param roles The roles that the caller claims; a false claim is ignored
    /// @return True if it may
    function isAllowed(
        address account,
        bytes32 resource,
        uint8 action,
        bytes32[] calldata roles
    ) external view returns (bool);
}
