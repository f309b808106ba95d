// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The tenant's devices and servers
/// @notice Who is enrolled, as what, in which group, and whether it still counts.
interface IDevices {
    /// @notice What a device is; `None` is no kind at all.
    enum DeviceKind {
        None,
        Edge,
        Dew,
        Fog,
        Cloud,
        Validator,
        Witness
    }

    /// @notice Where a device stands; `None` is an account that was never enrolled, `Retired` is final.
    enum DeviceStatus {
        None,
        Active,
        Suspended,
        Retired
    }

    /// @notice What the chain says of one device.
    /// @param kind Its kind
    /// @param status Its standing
    /// @param group The SHA-256 of the name of the group it serves; zero for a device that serves none
    /// @param profile The SHA-256 of its approved profile; zero if it has none
    struct Device {
        DeviceKind kind;
        DeviceStatus status;
        bytes32 group;
        bytes32 profile;
    }

    /// @notice A device was enrolled; it is active.
    /// @param account The device's account
    /// @param kind Its kind
    /// @param group Its group
    /// @param profile The digest of its profile, or zero
    event DeviceEnrolled(address indexed account, DeviceKind kind, bytes32 indexed group, bytes32 profile);

    /// @notice A device was suspended, made active again, or retired for good.
    /// @param account The device's account
    /// @param status Its new standing
    event DeviceStatusChanged(address indexed account, DeviceStatus status);

    /// @notice A device moved to another group.
    /// @param account The device's account
    /// @param group Its new group
    event DeviceGroupChanged(address indexed account, bytes32 indexed group);

    /// @notice A device was given another profile, or none.
    /// @param account The device's account
    /// @param profile The digest of its new profile, or zero
    event DeviceProfileChanged(address indexed account, bytes32 profile);

    /// @notice The zero address can't be a device: it stands for a caller who did not sign.
    error ZeroAccount();

    /// @notice There is no such kind.
    /// @param kind The number that was given
    error UnknownKind(uint8 kind);

    /// @notice The account is or was a device; accounts are never used twice, not even after retirement.
    /// @param account The account
    error AlreadyEnrolled(address account);

    /// @notice The account is no device.
    /// @param account The account
    error NotEnrolled(address account);

    /// @notice The device is retired: nothing about it changes any more.
    /// @param account The device's account
    error DeviceIsRetired(address account);

    /// @notice The device can't go to that status: it has it already, or it is none that can be set.
    /// @param account The device's account
    /// @param status The number that was given
    error InvalidStatus(address account, uint8 status);

    /// @notice Enrols a device, active from now on.
    /// @dev Restricted. Reverts with `ZeroAccount`, `UnknownKind` or `AlreadyEnrolled`.
    /// @param account The device's account
    /// @param kind Its kind: 1 edge, 2 dew, 3 fog, 4 cloud, 5 validator, 6 witness
    /// @param group The id of the group it serves; zero for none, which matches no configuration
    /// @param profile The digest of its approved profile, or zero
    function enrol(address account, uint8 kind, bytes32 group, bytes32 profile) external;

    /// @notice Suspends a device, makes it active again, or retires it, which is final.
    /// @dev Restricted. Reverts with `NotEnrolled`, `DeviceIsRetired` or `InvalidStatus`.
    /// @param account The device's account
    /// @param status The new status: 1 active, 2 suspended, 3 retired
    function setDeviceStatus(address account, uint8 status) external;

    /// @notice Moves a device to another group.
    /// @dev Restricted. Reverts with `NotEnrolled` or `DeviceIsRetired`.
    /// @param account The device's account
    /// @param group The id of the new group, or zero
    function setDeviceGroup(address account, bytes32 group) external;

    /// @notice Approves another profile for a device.
    /// @dev Restricted. Reverts with `NotEnrolled` or `DeviceIsRetired`.
    /// @param account The device's account
    /// @param profile The digest of the new profile, or zero to take it away
    function setDeviceProfile(address account, bytes32 profile) external;

    /// @notice What the chain says of a device; all zero if it was never enrolled.
    /// @param account The device's account
    /// @return The device
    function device(address account) external view returns (Device memory);

    /// @notice The one slot a proof of a device's standing needs.
    /// @param account The device's account
    /// @return `keccak256(abi.encode(kind, group, status, profile))`, or zero if it was never enrolled
    function deviceHead(address account) external view returns (bytes32);
}
