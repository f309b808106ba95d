// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReceipts} from "../interfaces/IReceipts.sol";
import {Tenant} from "./Tenant.t.sol";
import {vm} from "./Vm.t.sol";

contract ReceiptsTest is Tenant {
    address internal constant device = address(0xD1);
    address internal constant otherDevice = address(0xD2);
    bytes32 internal constant ROOT = keccak256("a batch");

    function setUp() public override {
        super.setUp();
        _enrol(device);
        _enrol(otherDevice);
    }

    function testFuzz_AnActiveDeviceAnchorsABatch(bytes32 root, uint32 count, uint64 time) external {
        vm.assume(root != 0 && count != 0 && time != 0);
        vm.warp(time);
        vm.expectEmit(address(registry));
        emit IReceipts.ReceiptsAnchored(device, root, count);
        _anchor(device, root, count);
        _checkAnchor(root, device, time);
    }

    function test_NothingIsAnchoredAtFirst() external view {
        _checkAnchor(ROOT, address(0), 0);
    }

    function testFuzz_NobodyButADeviceAnchors(address caller) external {
        vm.assume(caller != device && caller != otherDevice);
        vm.expectRevert(abi.encodeWithSelector(IReceipts.NotActiveDevice.selector, caller));
        _anchor(caller, ROOT, 1);
    }

    function test_ASuspendedOrRetiredDeviceAnchorsNothing() external {
        for (uint8 status = 2; status <= 3; ++status) {
            _setStatus(device, status);
            vm.expectRevert(abi.encodeWithSelector(IReceipts.NotActiveDevice.selector, device));
            _anchor(device, ROOT, 1);
        }
    }

    function test_AnEmptyBatchIsRefused() external {
        vm.expectRevert(abi.encodeWithSelector(IReceipts.EmptyBatch.selector, ROOT, 0));
        _anchor(device, ROOT, 0);
        vm.expectRevert(abi.encodeWithSelector(IReceipts.EmptyBatch.selector, bytes32(0), 1));
        _anchor(device, 0, 1);
    }

    function test_ABatchIsAnchoredOnceAndKeepsItsTime() external {
        uint64 time = uint64(block.timestamp);
        _anchor(device, ROOT, 1);
        vm.warp(time + 1);
        vm.expectRevert(abi.encodeWithSelector(IReceipts.AlreadyAnchored.selector, ROOT, device));
        _anchor(device, ROOT, 1);
        vm.expectRevert(abi.encodeWithSelector(IReceipts.AlreadyAnchored.selector, ROOT, device));
        _anchor(otherDevice, ROOT, 2);
        _checkAnchor(ROOT, device, time);
    }

    function _anchor(address by, bytes32 root, uint32 count) private {
        vm.prank(by);
        registry.anchorReceipts(root, count);
    }

    function _checkAnchor(bytes32 root, address by, uint64 expected) private view {
        (address anchoredBy, uint64 time) = registry.receiptsAnchor(root);
        vm.assertEq(anchoredBy, by);
        vm.assertEq(time, expected);
    }
}
