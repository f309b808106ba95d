// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDevices} from "../interfaces/IDevices.sol";
import {Tenant} from "./Tenant.t.sol";
import {vm} from "./Vm.t.sol";

contract DevicesTest is Tenant {
    address internal constant device = address(0xD1);
    bytes32 internal constant PROFILE = keccak256("a profile");

    function test_EnrolStoresAnActiveDeviceAndTellsIt() external {
        vm.expectEmit(address(registry));
        emit IDevices.DeviceEnrolled(device, IDevices.DeviceKind.Dew, GROUP, PROFILE);
        vm.prank(clerk);
        registry.enrol(device, 2, GROUP, PROFILE);
        _checkDevice(IDevices.DeviceKind.Dew, IDevices.DeviceStatus.Active, GROUP, PROFILE);
    }

    function test_NobodyIsEnrolledAtFirst() external view {
        IDevices.Device memory found = registry.device(device);
        vm.assertTrue(found.kind == IDevices.DeviceKind.None, "kind");
        vm.assertTrue(found.status == IDevices.DeviceStatus.None, "status");
        vm.assertEq(registry.deviceHead(device), 0);
    }

    function testFuzz_EnrolTakesEveryKnownKindAndNoOther(uint8 kind, bytes32 group, bytes32 profile) external {
        bool known = kind >= 1 && kind <= 6;
        if (!known) vm.expectRevert(abi.encodeWithSelector(IDevices.UnknownKind.selector, kind));
        vm.prank(clerk);
        registry.enrol(device, kind, group, profile);
        if (known) _checkDevice(IDevices.DeviceKind(kind), IDevices.DeviceStatus.Active, group, profile);
    }

    function test_EnrolTakesTheFirstAndTheLastKindOnly() external {
        for (uint160 kind = 1; kind <= 6; ++kind) {
            vm.prank(clerk);
            registry.enrol(address(kind), uint8(kind), GROUP, 0);
        }
        vm.expectRevert(abi.encodeWithSelector(IDevices.UnknownKind.selector, 0));
        vm.prank(clerk);
        registry.enrol(device, 0, GROUP, 0);
        vm.expectRevert(abi.encodeWithSelector(IDevices.UnknownKind.selector, 7));
        vm.prank(clerk);
        registry.enrol(device, 7, GROUP, 0);
    }

    function test_EnrolRefusesTheZeroAccount() external {
        vm.expectRevert(IDevices.ZeroAccount.selector);
        _enrol(address(0));
    }

    function testFuzz_EnrolNeverTakesAnAccountTwice(uint8 status) external {
        status = status % 3;
        _enrol(device);
        if (status > 0) _setStatus(device, status + 1);
        vm.expectRevert(abi.encodeWithSelector(IDevices.AlreadyEnrolled.selector, device));
        _enrol(device);
    }

    function test_ADeviceIsSuspendedAndComesBack() external {
        _enrol(device);
        vm.expectEmit(address(registry));
        emit IDevices.DeviceStatusChanged(device, IDevices.DeviceStatus.Suspended);
        _setStatus(device, 2);
        _checkDevice(IDevices.DeviceKind.Edge, IDevices.DeviceStatus.Suspended, GROUP, 0);
        vm.expectEmit(address(registry));
        emit IDevices.DeviceStatusChanged(device, IDevices.DeviceStatus.Active);
        _setStatus(device, 1);
        _checkDevice(IDevices.DeviceKind.Edge, IDevices.DeviceStatus.Active, GROUP, 0);
    }

    function testFuzz_RetirementIsFinal(bool suspendedFirst, uint8 status, bytes32 group) external {
        _enrol(device);
        if (suspendedFirst) _setStatus(device, 2);
        vm.expectEmit(address(registry));
        emit IDevices.DeviceStatusChanged(device, IDevices.DeviceStatus.Retired);
        _setStatus(device, 3);
        bytes memory refusal = abi.encodeWithSelector(IDevices.DeviceIsRetired.selector, device);
        vm.expectRevert(refusal);
        _setStatus(device, status);
        vm.expectRevert(refusal);
        _setGroup(device, group);
        vm.expectRevert(refusal);
        _setProfile(device, group);
        _checkDevice(IDevices.DeviceKind.Edge, IDevices.DeviceStatus.Retired, GROUP, 0);
    }

    function testFuzz_NoOtherStatusCanBeSet(uint8 status, bool suspended) external {
        uint8 current = suspended ? 2 : 1;
        _enrol(device);
        if (suspended) _setStatus(device, 2);
        vm.assume(status == 0 || status > 3 || status == current);
        vm.expectRevert(abi.encodeWithSelector(IDevices.InvalidStatus.selector, device, status));
        _setStatus(device, status);
    }

    function test_StatusesAtTheEdgesCannotBeSet() external {
        _enrol(device);
        for (uint8 step = 0; step < 3; ++step) {
            uint8 status = [0, 1, 4][step];
            vm.expectRevert(abi.encodeWithSelector(IDevices.InvalidStatus.selector, device, status));
            _setStatus(device, status);
        }
    }

    function testFuzz_GroupAndProfileChange(bytes32 group, bytes32 profile) external {
        _enrol(device);
        vm.expectEmit(address(registry));
        emit IDevices.DeviceGroupChanged(device, group);
        _setGroup(device, group);
        _checkDevice(IDevices.DeviceKind.Edge, IDevices.DeviceStatus.Active, group, 0);
        vm.expectEmit(address(registry));
        emit IDevices.DeviceProfileChanged(device, profile);
        _setProfile(device, profile);
        _checkDevice(IDevices.DeviceKind.Edge, IDevices.DeviceStatus.Active, group, profile);
    }

    function test_WhoIsNotEnrolledCannotBeChanged() external {
        bytes memory refusal = abi.encodeWithSelector(IDevices.NotEnrolled.selector, device);
        vm.expectRevert(refusal);
        _setStatus(device, 2);
        vm.expectRevert(refusal);
        _setGroup(device, GROUP);
        vm.expectRevert(refusal);
        _setProfile(device, PROFILE);
    }

    function _setGroup(address account, bytes32 group) private {
        vm.prank(clerk);
        registry.setDeviceGroup(account, group);
    }

    function _setProfile(address account, bytes32 profile) private {
        vm.prank(clerk);
        registry.setDeviceProfile(account, profile);
    }

    function _checkDevice(
        IDevices.DeviceKind kind,
        IDevices.DeviceStatus status,
        bytes32 group,
        bytes32 profile
    ) private view {
        IDevices.Device memory found = registry.device(device);
        vm.assertEq(uint8(found.kind), uint8(kind), "kind");
        vm.assertEq(uint8(found.status), uint8(status), "status");
        vm.assertEq(found.group, group, "group");
        vm.assertEq(found.profile, profile, "profile");
        vm.assertEq(registry.deviceHead(device), keccak256(abi.encode(kind, group, status, profile)), "head");
    }
}
