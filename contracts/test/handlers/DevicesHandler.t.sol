// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "../../Registry.sol";
import {IDevices} from "../../interfaces/IDevices.sol";
import {vm} from "../Vm.t.sol";

/// @title Everything a clerk may try with three accounts
contract DevicesHandler {
    bool public retiredReturned;

    Registry private immutable registry;
    address private immutable clerk;
    mapping(address account => bytes32 head) private _retiredHeads;

    constructor(Registry registry_, address clerk_) {
        (registry, clerk) = (registry_, clerk_);
    }

    function enrol(uint256 which, uint8 kind, bytes32 group, bytes32 profile) external {
        _call(which, abi.encodeCall(registry.enrol, (accountAt(which), kind % 9, group, profile)));
    }

    function setDeviceStatus(uint256 which, uint8 status) external {
        _call(which, abi.encodeCall(registry.setDeviceStatus, (accountAt(which), status % 5)));
    }

    function setDeviceGroup(uint256 which, bytes32 group) external {
        _call(which, abi.encodeCall(registry.setDeviceGroup, (accountAt(which), group)));
    }

    function setDeviceProfile(uint256 which, bytes32 profile) external {
        _call(which, abi.encodeCall(registry.setDeviceProfile, (accountAt(which), profile)));
    }

    function accountAt(uint256 which) public pure returns (address) {
        return address(uint160(0xD0 + (which % 3)));
    }

    function _call(uint256 which, bytes memory data) private {
        address account = accountAt(which);
        vm.prank(clerk);
        (bool done, ) = address(registry).call(data);
        bytes32 head = registry.deviceHead(account);
        bytes32 retiredHead = _retiredHeads[account];
        if (retiredHead != 0 && (done || head != retiredHead)) retiredReturned = true;
        if (registry.device(account).status == IDevices.DeviceStatus.Retired) _retiredHeads[account] = head;
    }
}
