// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConfigurations} from "../interfaces/IConfigurations.sol";
import {Tenant} from "./Tenant.t.sol";
import {vm} from "./Vm.t.sol";

contract ConfigurationsTest is Tenant {
    bytes32 internal constant OTHER_DIGEST = keccak256("another document");
    bytes32 internal constant OTHER_GROUP = keccak256("group/greenfields/barn-8");

    function test_ProposalsAreToldAndActivateNothing() external {
        vm.expectEmit(address(registry));
        emit IConfigurations.ConfigurationProposed(RESOURCE, 1, DIGEST, GROUP, publisher);
        _propose(_proposal(1));
        _checkStatus(_proposal(1), publisher, 0);
        _checkNoHead();
    }

    function test_TheThresholdActivates() external {
        _propose(_proposal(1));
        vm.expectEmit(address(registry));
        emit IConfigurations.ConfigurationApproved(RESOURCE, 1, DIGEST, GROUP, approver, 1);
        _approve(_proposal(1), approver);
        _checkNoHead();
        vm.assertTrue(registry.hasApproved(_proposal(1), approver), "approved");
        vm.assertFalse(registry.hasApproved(_proposal(1), otherApprover), "not yet");
        vm.expectEmit(address(registry));
        emit IConfigurations.ConfigurationApproved(RESOURCE, 1, DIGEST, GROUP, otherApprover, 2);
        vm.expectEmit(address(registry));
        emit IConfigurations.ConfigurationActivated(RESOURCE, 1, DIGEST, GROUP);
        _approve(_proposal(1), otherApprover);
        _checkStatus(_proposal(1), publisher, 2);
        _checkHead(_proposal(1), IConfigurations.HeadStatus.Active);
    }

    function test_WithAThresholdOfZeroAProposalIsActiveAtOnce() external {
        _setThreshold(0);
        vm.expectEmit(address(registry));
        emit IConfigurations.ConfigurationProposed(RESOURCE, 1, DIGEST, GROUP, publisher);
        vm.expectEmit(address(registry));
        emit IConfigurations.ConfigurationActivated(RESOURCE, 1, DIGEST, GROUP);
        _propose(_proposal(1));
        _checkHead(_proposal(1), IConfigurations.HeadStatus.Active);
    }

    function testFuzz_AnyCompleteProposalCanBecomeTheHead(IConfigurations.Proposal memory proposal) external {
        vm.assume(proposal.resource != 0 && proposal.digest != 0 && proposal.group != 0);
        proposal.version = 1 + (proposal.version % 1000);
        _activate(proposal);
        _checkHead(proposal, IConfigurations.HeadStatus.Active);
    }

    function test_ANewerVersionReplacesTheHeadOfItsResourceOnly() external {
        _activate(_proposal(1));
        IConfigurations.Proposal memory other = IConfigurations.Proposal(OTHER_RESOURCE, 1, DIGEST, GROUP);
        _activate(other);
        IConfigurations.Proposal memory next = IConfigurations.Proposal(RESOURCE, 2, OTHER_DIGEST, OTHER_GROUP);
        _activate(next);
        _checkHead(next, IConfigurations.HeadStatus.Active);
        _checkHead(other, IConfigurations.HeadStatus.Active);
    }

    function test_IncompleteProposalsAreRefused() external {
        IConfigurations.Proposal memory proposal = _proposal(1);
        proposal.resource = 0;
        vm.expectRevert(IConfigurations.ZeroResource.selector);
        _propose(proposal);
        proposal = _proposal(1);
        proposal.digest = 0;
        vm.expectRevert(abi.encodeWithSelector(IConfigurations.IncompleteProposal.selector, proposal));
        _propose(proposal);
        proposal = _proposal(1);
        proposal.group = 0;
        vm.expectRevert(abi.encodeWithSelector(IConfigurations.IncompleteProposal.selector, proposal));
        _propose(proposal);
        vm.expectRevert(_notNewer(0, 0));
        _propose(_proposal(0));
    }

    function testFuzz_VersionsOnlyRise(uint64 first, uint64 second) external {
        first = 1 + (first % 1000);
        second = second % 2010;
        _activate(_proposal(first));
        bool refused = second <= first || second > first + 1000;
        if (second <= first) vm.expectRevert(_notNewer(second, first));
        else if (refused) vm.expectRevert(_tooFar(second, first));
        _propose(_proposal(second));
        (address proposer, ) = registry.proposalStatus(_proposal(second));
        vm.assertEq(proposer == publisher, !refused || second == first, "proposed");
    }

    function test_AFastForwardIsRefused() external {
        vm.assertEq(registry.MAX_VERSION_JUMP(), 1000);
        vm.expectRevert(_tooFar(1001, 0));
        _propose(_proposal(1001));
        vm.expectRevert(_tooFar(type(uint64).max, 0));
        _propose(_proposal(type(uint64).max));
        _activate(_proposal(1000));
        vm.expectRevert(_tooFar(2001, 1000));
        _propose(_proposal(2001));
        _activate(_proposal(2000));
    }

    function test_TheSameProposalIsMadeOnce() external {
        _propose(_proposal(1));
        vm.expectRevert(abi.encodeWithSelector(IConfigurations.AlreadyProposed.selector, _proposal(1)));
        _propose(_proposal(1));
        vm.prank(otherPublisher);
        vm.expectRevert(abi.encodeWithSelector(IConfigurations.AlreadyProposed.selector, _proposal(1)));
        registry.propose(_proposal(1));
    }

    function test_AVersionNumberCannotBeOccupied() external {
        IConfigurations.Proposal memory evil = IConfigurations.Proposal(RESOURCE, 1, OTHER_DIGEST, GROUP);
        IConfigurations.Proposal memory elsewhere = IConfigurations.Proposal(RESOURCE, 1, DIGEST, OTHER_GROUP);
        vm.prank(otherPublisher);
        registry.propose(evil);
        _propose(elsewhere);
        _propose(_proposal(1));
        _approve(evil, approver);
        _approve(elsewhere, approver);
        _approve(_proposal(1), approver);
        _approve(_proposal(1), otherApprover);
        _checkHead(_proposal(1), IConfigurations.HeadStatus.Active);
        vm.expectRevert(_notNewer(1, 1));
        _approve(evil, otherApprover);
        vm.expectRevert(_notNewer(1, 1));
        _approve(elsewhere, otherApprover);
        _checkHead(_proposal(1), IConfigurations.HeadStatus.Active);
    }

    function testFuzz_ApprovalsCountForTheVeryProposalOnly(uint8 field) external {
        _propose(_proposal(1));
        IConfigurations.Proposal memory altered = _proposal(1);
        if (field % 4 == 0) altered.resource = OTHER_RESOURCE;
        if (field % 4 == 1) altered.version = 2;
        if (field % 4 == 2) altered.digest = OTHER_DIGEST;
        if (field % 4 == 3) altered.group = OTHER_GROUP;
        vm.expectRevert(abi.encodeWithSelector(IConfigurations.UnknownProposal.selector, altered));
        _approve(altered, approver);
    }

    function test_NobodyApprovesTheirOwnProposal() external {
        manager.grantRole(APPROVER, publisher, 0);
        _propose(_proposal(1));
        vm.expectRevert(abi.encodeWithSelector(IConfigurations.OwnProposal.selector, publisher));
        _approve(_proposal(1), publisher);
        _checkStatus(_proposal(1), publisher, 0);
    }

    function test_NobodyApprovesTwice() external {
        _propose(_proposal(1));
        _approve(_proposal(1), approver);
        vm.expectRevert(abi.encodeWithSelector(IConfigurations.AlreadyApproved.selector, approver));
        _approve(_proposal(1), approver);
        _checkStatus(_proposal(1), publisher, 1);
    }

    function test_NobodyCountsTwiceByWayOfTheManager() external {
        _propose(_proposal(1));
        _approve(_proposal(1), approver);
        bytes memory refusal = abi.encodeWithSelector(IConfigurations.NotInPerson.selector, address(manager));
        vm.prank(approver);
        vm.expectRevert(refusal);
        manager.execute(address(registry), abi.encodeCall(registry.approve, (_proposal(1))));
        vm.prank(approver);
        vm.expectRevert(refusal);
        manager.execute(address(registry), abi.encodeCall(registry.approveMany, (_list(_proposal(1)))));
        _checkNoHead();
    }

    function test_NobodyHidesTheirProposalBehindTheManager() external {
        manager.grantRole(APPROVER, publisher, 0);
        bytes memory refusal = abi.encodeWithSelector(IConfigurations.NotInPerson.selector, address(manager));
        vm.prank(publisher);
        vm.expectRevert(refusal);
        manager.execute(address(registry), abi.encodeCall(registry.propose, (_proposal(1))));
        vm.prank(publisher);
        vm.expectRevert(refusal);
        manager.execute(address(registry), abi.encodeCall(registry.proposeMany, (_list(_proposal(1)))));
        _checkStatus(_proposal(1), address(0), 0);
    }

    function test_AScheduledProposalIsMadeInPerson() external {
        uint256 now_ = block.timestamp;
        manager.grantRole(PUBLISHER, publisher, 1 days);
        vm.prank(publisher);
        manager.schedule(address(registry), abi.encodeCall(registry.propose, (_proposal(1))), 0);
        vm.warp(now_ + 1 days);
        _propose(_proposal(1));
        _checkStatus(_proposal(1), publisher, 0);
    }

    function test_AThresholdLoweredActivatesWithTheNextApproval() external {
        manager.grantRole(APPROVER, stranger, 0);
        _setThreshold(3);
        _propose(_proposal(1));
        _approve(_proposal(1), approver);
        _approve(_proposal(1), otherApprover);
        _setThreshold(1);
        _checkNoHead();
        _approve(_proposal(1), stranger);
        _checkHead(_proposal(1), IConfigurations.HeadStatus.Active);
    }

    function test_AThresholdRaisedAsksForMore() external {
        manager.grantRole(APPROVER, stranger, 0);
        _propose(_proposal(1));
        _approve(_proposal(1), approver);
        _setThreshold(3);
        _approve(_proposal(1), otherApprover);
        _checkNoHead();
        _approve(_proposal(1), stranger);
        _checkHead(_proposal(1), IConfigurations.HeadStatus.Active);
    }

    function test_AnApprovalOutlivesTheApproversRoleAndRevokeIsTheRemedy() external {
        _propose(_proposal(1));
        _propose(_proposal(2));
        _approve(_proposal(1), approver);
        _approve(_proposal(2), approver);
        manager.revokeRole(APPROVER, approver);
        _approve(_proposal(1), otherApprover);
        _checkHead(_proposal(1), IConfigurations.HeadStatus.Active);
        _revoke(RESOURCE, 2);
        vm.expectRevert(_isRevoked(2));
        _approve(_proposal(2), otherApprover);
        _checkHead(_proposal(1), IConfigurations.HeadStatus.Active);
    }

    function testFuzz_TheThresholdIsToldAndKept(uint32 threshold) external {
        vm.expectEmit(address(registry));
        emit IConfigurations.ApprovalThresholdChanged(threshold);
        _setThreshold(threshold);
        vm.assertEq(registry.approvalThreshold(), threshold);
    }

    function test_RevokingTheHeadKeepsItsFieldsAndTellsIt() external {
        _activate(_proposal(1));
        vm.expectEmit(address(registry));
        emit IConfigurations.VersionRevoked(RESOURCE, 1, clerk);
        _revoke(RESOURCE, 1);
        vm.assertTrue(registry.isRevoked(RESOURCE, 1), "revoked");
        vm.assertFalse(registry.isRevoked(OTHER_RESOURCE, 1), "another resource");
        _checkHead(_proposal(1), IConfigurations.HeadStatus.Revoked);
    }

    function test_ARevokedVersionNeverReturns() external {
        _activate(_proposal(1));
        _revoke(RESOURCE, 1);
        IConfigurations.Proposal memory again = IConfigurations.Proposal(RESOURCE, 1, OTHER_DIGEST, GROUP);
        vm.expectRevert(_notNewer(1, 1));
        _propose(again);
        vm.expectRevert(_isRevoked(1));
        _revoke(RESOURCE, 1);
        _activate(_proposal(2));
        _checkHead(_proposal(2), IConfigurations.HeadStatus.Active);
    }

    function test_RevokingAVersionToComeKillsAllItsProposals() external {
        _activate(_proposal(1));
        IConfigurations.Proposal memory other = IConfigurations.Proposal(RESOURCE, 2, OTHER_DIGEST, GROUP);
        _propose(_proposal(2));
        _propose(other);
        _approve(_proposal(2), approver);
        _revoke(RESOURCE, 2);
        vm.expectRevert(_isRevoked(2));
        _approve(_proposal(2), otherApprover);
        vm.expectRevert(_isRevoked(2));
        _approve(other, approver);
        vm.expectRevert(_isRevoked(2));
        _propose(IConfigurations.Proposal(RESOURCE, 2, DIGEST, OTHER_GROUP));
        vm.expectRevert(_isRevoked(2));
        _revoke(RESOURCE, 2);
        _checkHead(_proposal(1), IConfigurations.HeadStatus.Active);
        _activate(_proposal(3));
    }

    function test_ARevokedHeadLeavesPendingVersionsOpen() external {
        _activate(_proposal(1));
        _propose(_proposal(2));
        _revoke(RESOURCE, 1);
        _approve(_proposal(2), approver);
        _approve(_proposal(2), otherApprover);
        _checkHead(_proposal(2), IConfigurations.HeadStatus.Active);
    }

    function test_RevokeReachesTheHeadAndWhatMayComeOnly() external {
        vm.expectRevert(IConfigurations.ZeroResource.selector);
        _revoke(0, 1);
        vm.expectRevert(_notNewer(0, 0));
        _revoke(RESOURCE, 0);
        vm.expectRevert(_tooFar(1000, 0));
        _revoke(RESOURCE, 1000);
        _revoke(RESOURCE, 999);
        _activate(_proposal(7));
        vm.expectRevert(_notNewer(6, 7));
        _revoke(RESOURCE, 6);
        vm.expectRevert(_tooFar(1007, 7));
        _revoke(RESOURCE, 1007);
        _revoke(RESOURCE, 1006);
    }

    function test_ManyAreProposedAndApprovedAtOnce() external {
        IConfigurations.Proposal[] memory proposals = new IConfigurations.Proposal[](2);
        proposals[0] = _proposal(1);
        proposals[1] = IConfigurations.Proposal(OTHER_RESOURCE, 1, OTHER_DIGEST, OTHER_GROUP);
        vm.prank(publisher);
        registry.proposeMany(proposals);
        vm.prank(approver);
        registry.approveMany(proposals);
        vm.prank(otherApprover);
        registry.approveMany(proposals);
        _checkHead(proposals[0], IConfigurations.HeadStatus.Active);
        _checkHead(proposals[1], IConfigurations.HeadStatus.Active);
    }

    function test_ABatchIsTakenWholeOrNotAtAll() external {
        IConfigurations.Proposal[] memory proposals = new IConfigurations.Proposal[](2);
        proposals[0] = _proposal(1);
        proposals[1] = IConfigurations.Proposal(OTHER_RESOURCE, 1001, DIGEST, GROUP);
        vm.prank(publisher);
        vm.expectRevert(abi.encodeWithSelector(IConfigurations.VersionTooFar.selector, OTHER_RESOURCE, 1001, 0));
        registry.proposeMany(proposals);
        _checkStatus(_proposal(1), address(0), 0);
        _propose(_proposal(1));
        vm.prank(approver);
        vm.expectRevert(abi.encodeWithSelector(IConfigurations.UnknownProposal.selector, proposals[1]));
        registry.approveMany(proposals);
        _checkStatus(_proposal(1), publisher, 0);
    }

    function test_ABatchCannotApproveTwice() external {
        _propose(_proposal(1));
        IConfigurations.Proposal[] memory twice = new IConfigurations.Proposal[](2);
        (twice[0], twice[1]) = (_proposal(1), _proposal(1));
        vm.prank(approver);
        vm.expectRevert(abi.encodeWithSelector(IConfigurations.AlreadyApproved.selector, approver));
        registry.approveMany(twice);
    }

    function test_AnEmptyBatchIsRefused() external {
        vm.prank(publisher);
        vm.expectRevert(IConfigurations.NoProposals.selector);
        registry.proposeMany(new IConfigurations.Proposal[](0));
        vm.prank(approver);
        vm.expectRevert(IConfigurations.NoProposals.selector);
        registry.approveMany(new IConfigurations.Proposal[](0));
    }

    function _list(
        IConfigurations.Proposal memory proposal
    ) private pure returns (IConfigurations.Proposal[] memory list) {
        list = new IConfigurations.Proposal[](1);
        list[0] = proposal;
    }

    function _notNewer(uint64 version, uint64 current) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IConfigurations.VersionNotNewer.selector, RESOURCE, version, current);
    }

    function _tooFar(uint64 version, uint64 current) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IConfigurations.VersionTooFar.selector, RESOURCE, version, current);
    }

    function _isRevoked(uint64 version) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IConfigurations.VersionIsRevoked.selector, RESOURCE, version);
    }

    function _checkStatus(IConfigurations.Proposal memory proposal, address by, uint32 count) private view {
        (address proposer, uint32 approvals) = registry.proposalStatus(proposal);
        vm.assertEq(proposer, by);
        vm.assertEq(approvals, count);
    }

    function _checkNoHead() private view {
        vm.assertTrue(registry.head(RESOURCE).status == IConfigurations.HeadStatus.None, "head");
        vm.assertEq(registry.headHash(RESOURCE), 0);
    }

    function _checkHead(IConfigurations.Proposal memory expected, IConfigurations.HeadStatus status) private view {
        IConfigurations.Head memory found = registry.head(expected.resource);
        vm.assertEq(found.version, expected.version, "version");
        vm.assertEq(uint8(found.status), uint8(status), "status");
        vm.assertEq(found.digest, expected.digest, "digest");
        vm.assertEq(found.group, expected.group, "group");
        vm.assertEq(
            registry.headHash(expected.resource),
            keccak256(abi.encode(expected.version, expected.digest, expected.group, status)),
            "hash"
        );
    }
}
