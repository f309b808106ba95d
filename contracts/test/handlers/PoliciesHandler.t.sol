// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "../../Registry.sol";
import {vm} from "../Vm.t.sol";

/// @title Everything a clerk may try with three resources, five subjects and two roles, as time goes by
/// @notice Beside the registry it keeps plain lists of what holds, from which `expects` answers in its own way.
contract PoliciesHandler {
    struct GrantFact {
        bytes32 resource;
        bytes32 subject;
        uint8 actions;
        uint64 expiresAt;
    }

    struct MemberFact {
        bytes32 role;
        address account;
        uint64 expiresAt;
    }

    bytes32 private constant ALL = bytes32(type(uint256).max);

    Registry private immutable registry;
    address private immutable clerk;
    GrantFact[] private _grants;
    MemberFact[] private _members;

    constructor(Registry registry_, address clerk_) {
        (registry, clerk) = (registry_, clerk_);
    }

    function setGrant(uint256 what, uint256 whom, uint8 actions, bool offline, uint8 seconds_) external {
        GrantFact memory fact = GrantFact(resourceAt(what), subjectAt(whom), actions % 20, _in(seconds_));
        bytes memory data = abi.encodeCall(
            registry.setGrant,
            (fact.resource, fact.subject, fact.actions, offline, fact.expiresAt)
        );
        if (!_call(data)) return;
        _forgetGrant(fact.resource, fact.subject);
        _grants.push(fact);
    }

    function revokeGrant(uint256 what, uint256 whom) external {
        if (_call(abi.encodeCall(registry.revokeGrant, (resourceAt(what), subjectAt(whom))))) {
            _forgetGrant(resourceAt(what), subjectAt(whom));
        }
    }

    function setMember(uint256 whom, uint256 which, uint8 seconds_) external {
        MemberFact memory fact = MemberFact(subjectAt(whom), accountAt(which), _in(seconds_));
        if (!_call(abi.encodeCall(registry.setMember, (fact.role, fact.account, fact.expiresAt)))) return;
        _forgetMember(fact.role, fact.account);
        _members.push(fact);
    }

    function removeMember(uint256 whom, uint256 which) external {
        if (_call(abi.encodeCall(registry.removeMember, (subjectAt(whom), accountAt(which))))) {
            _forgetMember(subjectAt(whom), accountAt(which));
        }
    }

    function wait_(uint8 seconds_) external {
        vm.warp(block.timestamp + (seconds_ % 16));
    }

    /// @dev Whether any grant that holds is for this caller, who claims every subject there is as a role.
    function expects(address account, bytes32 resource, uint8 action) external view returns (bool) {
        for (uint256 i = 0; i < _grants.length; ++i) {
            GrantFact memory fact = _grants[i];
            if (
                block.timestamp < fact.expiresAt &&
                fact.actions & action == action &&
                (fact.resource == resource || fact.resource == ALL) &&
                _stands(fact.subject, account)
            ) return true;
        }
        return false;
    }

    function resourceAt(uint256 what) public pure returns (bytes32) {
        return [bytes32("barn-climate"), bytes32("irrigation"), ALL, bytes32(0)][what % 4];
    }

    function subjectAt(uint256 whom) public pure returns (bytes32) {
        bytes32 account = bytes32(uint256(uint160(accountAt(1))));
        return [bytes32("worker"), bytes32("vet"), ALL, account, bytes32(0)][whom % 5];
    }

    function accountAt(uint256 which) public pure returns (address) {
        return [address(0), address(0xD1), address(0xD2)][which % 3];
    }

    function _stands(bytes32 subject, address account) private view returns (bool) {
        if (subject == ALL) return true;
        if (account == address(0)) return false;
        if (subject == bytes32(uint256(uint160(account)))) return true;
        for (uint256 i = 0; i < _members.length; ++i) {
            MemberFact memory fact = _members[i];
            if (fact.role == subject && fact.account == account && block.timestamp < fact.expiresAt) return true;
        }
        return false;
    }

    function _call(bytes memory data) private returns (bool done) {
        vm.prank(clerk);
        (done, ) = address(registry).call(data);
    }

    function _in(uint8 seconds_) private view returns (uint64) {
        return seconds_ % 5 == 0 ? type(uint64).max : uint64(block.timestamp + (seconds_ % 32));
    }

    function _forgetGrant(bytes32 resource, bytes32 subject) private {
        for (uint256 i = 0; i < _grants.length; ++i) {
            if (_grants[i].resource != resource || _grants[i].subject != subject) continue;
            _grants[i] = _grants[_grants.length - 1];
            return _grants.pop();
        }
    }

    function _forgetMember(bytes32 role, address account) private {
        for (uint256 i = 0; i < _members.length; ++i) {
            if (_members[i].role != role || _members[i].account != account) continue;
            _members[i] = _members[_members.length - 1];
            return _members.pop();
        }
    }
}
