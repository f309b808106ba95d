// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IDevices} from "./interfaces/IDevices.sol";

/// @title The tenant's devices and servers
/// @notice The part of the registry that says who is enrolled.
abstract contract Devices is IDevices, AccessManaged {
    mapping(address account => Device device) private _devices;
    mapping(address account => bytes32 hash) private _deviceHeads;

    /// @inheritdoc IDevices
    function enrol(address account, uint8 kind, bytes32 group, bytes32 profile) external restricted {
        if (account == address(0)) revert ZeroAccount();
        if (kind == uint8(DeviceKind.None) || kind > uint8(type(DeviceKind).max)) revert UnknownKind(kind);
        if (_devices[account].status != DeviceStatus.None) revert AlreadyEnrolled(account);
        _store(account, Device(DeviceKind(kind), DeviceStatus.Active, group, profile));
        emit DeviceEnrolled(account, DeviceKind(kind), group, profile);
    }

    /// @inheritdoc IDevices
    function setDeviceStatus(address account, uint8 status) external restricted {
        Device memory changed = _enrolled(account);
        if (
            status == uint8(DeviceStatus.None) ||
            status > uint8(type(DeviceStatus).max) ||
            status == uint8(changed.status)
        ) revert InvalidStatus(account, status);
        changed.status = DeviceStatus(status);
        _store(account, changed);
        emit DeviceStatusChanged(account, changed.status);
    }

    /// @inheritdoc IDevices
    function setDeviceGroup(address account, bytes32 group) external restricted {
        Device memory changed = _enrolled(account);
        changed.group = group;
        _store(account, changed);
        emit DeviceGroupChanged(account, group);
    }

    /// @inheritdoc IDevices
    function setDeviceProfile(address account, bytes32 profile) external restricted {
        Device memory changed = _enrolled(account);
        changed.profile = profile;
        _store(account, changed);
        emit DeviceProfileChanged(account, profile);
    }

    /// @inheritdoc IDevices
    function device(address account) external view returns (Device memory) {
        return _devices[account];
    }

    /// @inheritdoc IDevices
    function deviceHead(address account) external view returns (bytes32) {
        return _deviceHeads[account];
    }

    /// @dev The only writer, so that a device and its head never differ.
    function _store(address account, Device memory changed) private {
        _devices[account] = changed;
        _deviceHeads[account] = keccak256(abi.encode(changed.kind, changed.group, changed.status, changed.profile));
    }

    /// @dev Whether the account is a device that is neither suspended nor retired.
    function _isActiveDevice(address account) internal view returns (bool) {
        return _devices[account].status == DeviceStatus.Active;
    }

    /// @dev A copy of a device that may still change.
    function _enrolled(address account) private view returns (Device memory found) {
        found = _devices[account];
        if (found.status == DeviceStatus.None) revert NotEnrolled(account);
        if (found.status == DeviceStatus.Retired) revert DeviceIsRetired(account);
    }
}
