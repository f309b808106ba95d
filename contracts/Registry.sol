// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Configurations} from "./Configurations.sol";
import {Devices} from "./Devices.sol";
import {Policies} from "./Policies.sol";
import {Receipts} from "./Receipts.sol";

/// @title A tenant's registry
/// @notice Devices, configurations, policies and receipts at one address, so that one account proof and one storage
/// trie hold everything a device checks.
/// @dev Storage slots are part of the interface, selected by the code hash: no immutables, no upgrades.
contract Registry is Devices, Configurations, Policies, Receipts {
    /// @notice Deploys an empty registry; refuses an authority without code, under which nothing could ever be called.
    /// @param authority The tenant's access manager, already deployed
    /// @param approvalThreshold How many must approve a proposal, the proposer not counted
    constructor(
        address authority,
        uint32 approvalThreshold
    ) AccessManaged(authority) Configurations(approvalThreshold) {
        if (authority.code.length == 0) revert AccessManagedInvalidAuthority(authority);
    }
}
