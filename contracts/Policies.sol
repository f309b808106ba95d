// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IPolicies} from "./interfaces/IPolicies.sol";

/// @title Who may do what with which resource
/// @notice The part of the registry that holds grants and the members of roles.
abstract contract Policies is IPolicies, AccessManaged {
    /// @notice The subject that stands for every caller, signed or not.
    bytes32 public constant ANYONE = bytes32(type(uint256).max);

    /// @notice The resource that stands for every resource.
    bytes32 public constant ANY_RESOURCE = bytes32(type(uint256).max);

    uint8 private constant READ = 1;
    uint8 private constant WRITE = 2;
    uint8 private constant INVOKE = 4;
    uint8 private constant MANAGE = 8;
    uint8 private constant ALL_ACTIONS = READ | WRITE | INVOKE | MANAGE;

    mapping(bytes32 resource => mapping(bytes32 subject => Grant grant)) private _grants;
    mapping(bytes32 role => mapping(address account => uint64 expiresAt)) private _members;

    /// @inheritdoc IPolicies
    function setGrant(
        bytes32 resource,
        bytes32 subject,
        uint8 actions,
        bool offline,
        uint64 expiresAt
    ) external restricted {
        if (resource == bytes32(0) || subject == bytes32(0)) revert IncompleteGrant(resource, subject);
        if (actions == 0 || actions & ~ALL_ACTIONS != 0) revert InvalidActions(actions);
        if (_isOver(expiresAt)) revert AlreadyExpired(expiresAt);
        _grants[resource][subject] = Grant(actions, offline, expiresAt);
        emit GrantSet(resource, subject, actions, offline, expiresAt);
    }

    /// @inheritdoc IPolicies
    function revokeGrant(bytes32 resource, bytes32 subject) external restricted {
        if (_grants[resource][subject].actions == 0) revert UnknownGrant(resource, subject);
        delete _grants[resource][subject];
        emit GrantRevoked(resource, subject);
    }

    /// @inheritdoc IPolicies
    function setMember(bytes32 role, address account, uint64 expiresAt) external restricted {
        if (role == ANYONE || uint256(role) <= type(uint160).max) revert InvalidRole(role);
        if (account == address(0)) revert ZeroMember(role);
        if (_isOver(expiresAt)) revert AlreadyExpired(expiresAt);
        _members[role][account] = expiresAt;
        emit MemberSet(role, account, expiresAt);
    }

    /// @inheritdoc IPolicies
    function removeMember(bytes32 role, address account) external restricted {
        if (_members[role][account] == 0) revert UnknownMember(role, account);
        delete _members[role][account];
        emit MemberRemoved(role, account);
    }

    /// @inheritdoc IPolicies
    function grant(bytes32 resource, bytes32 subject) external view returns (Grant memory) {
        return _grants[resource][subject];
    }

    /// @inheritdoc IPolicies
    function memberUntil(bytes32 role, address account) external view returns (uint64) {
        return _members[role][account];
    }

    /// @inheritdoc IPolicies
    function isAllowed(
        address account,
        bytes32 resource,
        uint8 action,
        bytes32[] calldata roles
    ) external view returns (bool) {
        if (action != READ && action != WRITE && action != INVOKE && action != MANAGE) return false;
        if (_covers(resource, ANYONE, action)) return true;
        if (_covers(resource, bytes32(uint256(uint160(account))), action)) return true;
        for (uint256 i = 0; i < roles.length; ++i) {
            if (!_isOver(_members[roles[i]][account]) && _covers(resource, roles[i], action)) return true;
        }
        return false;
    }

    function _covers(bytes32 resource, bytes32 subject, uint8 action) private view returns (bool) {
        return _permits(_grants[resource][subject], action) || _permits(_grants[ANY_RESOURCE][subject], action);
    }

    function _permits(Grant memory given, uint8 action) private view returns (bool) {
        return given.actions & action != 0 && !_isOver(given.expiresAt);
    }

    /// @dev `type(uint64).max` needs no case of its own: no block's time reaches it.
    function _isOver(uint64 expiresAt) private view returns (bool) {
        return expiresAt <= block.timestamp;
    }
}
