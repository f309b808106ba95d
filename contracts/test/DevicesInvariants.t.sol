// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDevices} from "../interfaces/IDevices.sol";
import {Tenant} from "./Tenant.t.sol";
import {vm} from "./Vm.t.sol";
import {DevicesHandler} from "./handlers/DevicesHandler.t.sol";

contract DevicesInvariants is Tenant {
    DevicesHandler private _handler;

    function setUp() public override {
        super.setUp();
        _handler = new DevicesHandler(registry, clerk);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_DeviceHeadIsTheHashOfTheDevice() external view {
        for (uint256 which = 0; which < 3; ++which) {
            address account = _handler.accountAt(which);
            IDevices.Device memory device = registry.device(account);
            bytes32 hash = keccak256(abi.encode(device.kind, device.group, device.status, device.profile));
            bool none = device.status == IDevices.DeviceStatus.None;
            vm.assertEq(registry.deviceHead(account), none ? bytes32(0) : hash);
        }
    }

    function invariant_RetirementIsFinal() external view {
        vm.assertFalse(_handler.retiredReturned(), "a retired device changed");
    }
}
