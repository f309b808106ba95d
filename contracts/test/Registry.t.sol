// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Registry} from "../Registry.sol";
import {IConfigurations} from "../interfaces/IConfigurations.sol";
import {Tenant} from "./Tenant.t.sol";
import {vm} from "./Vm.t.sol";

contract RegistryTest is Tenant {
    function testFuzz_ADeploymentTellsItsThreshold(uint32 threshold) external {
        vm.expectEmit();
        emit IConfigurations.ApprovalThresholdChanged(threshold);
        Registry other = new Registry(address(manager), threshold);
        vm.assertEq(other.approvalThreshold(), threshold);
        vm.assertEq(other.authority(), address(manager));
    }

    function test_AnAuthorityWithoutCodeIsRefused() external {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedInvalidAuthority.selector, stranger));
        new Registry(stranger, 1);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedInvalidAuthority.selector, address(0)));
        new Registry(address(0), 1);
    }

    function test_EveryDeploymentHasTheSameCode() external {
        Registry other = new Registry(address(this), 7);
        vm.assertEq(address(other).codehash, address(registry).codehash);
    }

    function test_TheCodeFitsTheLimitOfEip170() external view {
        vm.assertTrue(address(registry).code.length < 24_576, "too large");
    }

    function test_EveryWritingFunctionIsRestricted() external {
        bytes[] memory calls = _restrictedCalls();
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(stranger);
            (bool done, bytes memory answer) = address(registry).call(calls[i]);
            vm.assertFalse(done, "a stranger got in");
            vm.assertEq(
                keccak256(answer),
                keccak256(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger)),
                "another refusal"
            );
        }
    }

    function _restrictedCalls() private view returns (bytes[] memory calls) {
        IConfigurations.Proposal[] memory none = new IConfigurations.Proposal[](0);
        calls = new bytes[](14);
        calls[0] = abi.encodeCall(registry.enrol, (stranger, 1, GROUP, 0));
        calls[1] = abi.encodeCall(registry.setDeviceStatus, (stranger, 1));
        calls[2] = abi.encodeCall(registry.setDeviceGroup, (stranger, GROUP));
        calls[3] = abi.encodeCall(registry.setDeviceProfile, (stranger, GROUP));
        calls[4] = abi.encodeCall(registry.propose, (_proposal(1)));
        calls[5] = abi.encodeCall(registry.proposeMany, (none));
        calls[6] = abi.encodeCall(registry.approve, (_proposal(1)));
        calls[7] = abi.encodeCall(registry.approveMany, (none));
        calls[8] = abi.encodeCall(registry.revoke, (RESOURCE, 1));
        calls[9] = abi.encodeCall(registry.setApprovalThreshold, (0));
        calls[10] = abi.encodeCall(registry.setGrant, (RESOURCE, RESOURCE, 1, true, NEVER));
        calls[11] = abi.encodeCall(registry.revokeGrant, (RESOURCE, RESOURCE));
        calls[12] = abi.encodeCall(registry.setMember, (ROLE, stranger, NEVER));
        calls[13] = abi.encodeCall(registry.removeMember, (ROLE, stranger));
    }
}
