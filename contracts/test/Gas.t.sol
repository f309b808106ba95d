// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IConfigurations} from "../interfaces/IConfigurations.sol";
import {Tenant} from "./Tenant.t.sol";
import {vm} from "./Vm.t.sol";

/// @title What every function of the registry costs
/// @notice Kept in `snapshots/Registry.json`. Each call that writes is a transaction of its own (`isolate`), with its
/// base fee and cold storage, as on a chain; a call that reads is counted without the base fee.
/// hardhat-config: isolate = true
contract GasTest is Tenant {
    address internal constant device = address(0xD1);
    bytes32 internal constant ROOT = keccak256("a batch");

    function test_GasOfDevices() external {
        vm.prank(clerk);
        registry.enrol(device, 1, GROUP, DIGEST);
        _record("enrol");
        registry.device(device);
        _record("device");
        registry.deviceHead(device);
        _record("deviceHead");
        vm.prank(clerk);
        registry.setDeviceStatus(device, 2);
        _record("setDeviceStatus");
        vm.prank(clerk);
        registry.setDeviceGroup(device, DIGEST);
        _record("setDeviceGroup");
        vm.prank(clerk);
        registry.setDeviceProfile(device, GROUP);
        _record("setDeviceProfile");
    }

    function test_GasOfConfigurations() external {
        _propose(_proposal(1));
        _record("propose");
        _approve(_proposal(1), approver);
        _record("approve, not yet enough");
        _approve(_proposal(1), otherApprover);
        _record("approve, activates the first version");
        _propose(_proposal(2));
        _approve(_proposal(2), approver);
        _approve(_proposal(2), otherApprover);
        _record("approve, activates the next version");
        _revoke(RESOURCE, 2);
        _record("revoke");
        _setThreshold(0);
        _record("setApprovalThreshold");
        _propose(_proposal(3));
        _record("propose, activates at once");
    }

    function test_GasOfBatchesOfTen() external {
        IConfigurations.Proposal[] memory ten = new IConfigurations.Proposal[](10);
        for (uint256 i = 0; i < ten.length; ++i) {
            ten[i] = IConfigurations.Proposal(keccak256(abi.encode(i)), 1, DIGEST, GROUP);
        }
        vm.prank(publisher);
        registry.proposeMany(ten);
        _record("proposeMany, ten");
        vm.prank(approver);
        registry.approveMany(ten);
        _record("approveMany, ten, not yet enough");
        vm.prank(otherApprover);
        registry.approveMany(ten);
        _record("approveMany, activates ten");
    }

    function test_GasOfReadingConfigurations() external {
        _activate(_proposal(1));
        registry.head(RESOURCE);
        _record("head");
        registry.headHash(RESOURCE);
        _record("headHash");
        registry.proposalStatus(_proposal(1));
        _record("proposalStatus");
        registry.hasApproved(_proposal(1), approver);
        _record("hasApproved");
        registry.isRevoked(RESOURCE, 1);
        _record("isRevoked");
        registry.approvalThreshold();
        _record("approvalThreshold");
        registry.MAX_VERSION_JUMP();
        _record("MAX_VERSION_JUMP");
    }

    function test_GasOfPolicies() external {
        bytes32[] memory roles = new bytes32[](1);
        roles[0] = ROLE;
        _grant(RESOURCE, ROLE, 1, NEVER);
        _record("setGrant");
        _member(ROLE, device, NEVER);
        _record("setMember");
        registry.isAllowed(device, RESOURCE, 1, roles);
        _record("isAllowed, by the one role claimed");
        registry.grant(RESOURCE, ROLE);
        _record("grant");
        registry.memberUntil(ROLE, device);
        _record("memberUntil");
        vm.prank(clerk);
        registry.removeMember(ROLE, device);
        _record("removeMember");
        vm.prank(clerk);
        registry.revokeGrant(RESOURCE, ROLE);
        _record("revokeGrant");
        registry.ANYONE();
        _record("ANYONE");
        registry.ANY_RESOURCE();
        _record("ANY_RESOURCE");
    }

    function test_GasOfReceipts() external {
        _enrol(device);
        vm.prank(device);
        registry.anchorReceipts(ROOT, 100);
        _record("anchorReceipts");
        registry.receiptsAnchor(ROOT);
        _record("receiptsAnchor");
    }

    function test_GasOfAccessManaged() external {
        registry.authority();
        _record("authority");
        registry.isConsumingScheduledOp();
        _record("isConsumingScheduledOp");
        address successor = address(new AccessManager(admin));
        vm.prank(address(manager));
        registry.setAuthority(successor);
        _record("setAuthority");
    }

    function _record(string memory call) private {
        vm.snapshotGasLastCall("Registry", call);
    }
}
